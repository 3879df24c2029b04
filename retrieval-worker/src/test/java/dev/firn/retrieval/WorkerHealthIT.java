package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.schemas.Topic;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.Waiting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a real worker, with the rights of one, says of its neighbours and of its lag.
final class WorkerHealthIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final WorkerStack stack = new WorkerStack();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        stack.close();
    }

    @Test
    void measuresItsLagWithTheRightsOfAWorker() throws Exception {
        WorkerRuntime worker = stack.worker("firn.health.lag-interval", "100ms");
        try {
            Waiting.until(LIMIT, () -> get(worker, "/health/ready").statusCode() == 200, "readiness");
            for (Topic topic : new Topic[] {Topic.RETRIEVAL_REQUESTS, Topic.RETRIEVAL_RUNS}) {
                String meter = "firn_input_lag_seconds{topic=\"%s\"} ".formatted(stack.namespace.topic(topic));
                Waiting.until(LIMIT, () -> get(worker, "/metrics").body().contains(meter + "0.0"), meter);
            }
        } finally {
            worker.close();
        }
    }

    /// It decodes with schemas that it knows, so its own work would not notice.
    @Test
    void isNotReadyWhileTheSchemaRegistryIsAway() throws Exception {
        URI url = URI.create(stack.addresses.schemaRegistryUrl());
        try (FaultyLink link = new FaultyLink(url.getHost(), url.getPort())) {
            WorkerRuntime worker = stack.worker(
                    "firn.schema-registry.url",
                    "http://127.0.0.1:%d%s".formatted(link.port(), url.getPath()),
                    "firn.health.check-interval",
                    "100ms",
                    "firn.health.check-timeout",
                    "2s");
            try {
                Waiting.until(LIMIT, () -> get(worker, "/health/ready").statusCode() == 200, "readiness");

                link.fail(FaultyLink.Fault.HANG);
                Waiting.until(LIMIT, () -> get(worker, "/health/ready").statusCode() == 503, "the absence");
                assertThat(get(worker, "/health/ready").body())
                        .contains("{\"name\":\"schema-registry\",\"status\":\"DOWN\",\"since\":\"");
                assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);

                link.heal();
                Waiting.until(LIMIT, () -> get(worker, "/health/ready").statusCode() == 200, "the return");
            } finally {
                worker.close();
            }
        }
    }

    private HttpResponse<String> get(WorkerRuntime worker, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:%d%s".formatted(worker.httpPort(), path));
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
