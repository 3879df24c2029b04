package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the service says of its health.
final class HealthEndpointTest {
    private final Reachability trino = new Reachability("trino", Clock.fixed(RegistryFixture.START, ZoneOffset.UTC));

    @Test
    void staysReadyAndNamesTheNeighbourThatIsAway() {
        assertThat(HealthEndpoint.isReady(KafkaStreams.State.RUNNING)).isTrue();
        assertThat(HealthEndpoint.isReady(KafkaStreams.State.REBALANCING)).isFalse();
        trino.missed("no answer\nwithin PT1S");
        trino.missed("refused");
        assertThat(HealthEndpoint.readiness(KafkaStreams.State.RUNNING, List.of(trino)))
                .isEqualTo("RUNNING\ntrino: not reachable since 2026-03-01T00:00:00Z (refused)\n");

        trino.reached();
        assertThat(HealthEndpoint.readiness(KafkaStreams.State.RUNNING, List.of(trino)))
                .isEqualTo("RUNNING\ntrino: no trouble known\n");
    }

    @Test
    void countsOnlyTheFaultThatMeansAway() {
        assertThatThrownBy(() -> trino.watch(SchemaRegistryUnavailableException.class, () -> {
                    throw new IllegalStateException("ours");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(trino.detail()).contains("no trouble");
        assertThatThrownBy(() -> trino.watch(IllegalStateException.class, () -> {
                    throw new IllegalStateException("away");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(trino.detail()).contains("(away)");
        assertThat(trino.watch(IllegalStateException.class, () -> "here")).isEqualTo("here");
        assertThat(trino.detail()).contains("no trouble");
    }

    @Test
    void answersOverHttp(@TempDir Path state) throws Exception {
        FirnConfig config = Settings.load(
                Map.of(),
                Map.of(
                        "firn.http.port",
                        "0",
                        "firn.kafka.bootstrap-servers",
                        "127.0.0.1:1",
                        "firn.state.folder",
                        state.toString()));
        trino.missed("refused");
        try (RegistryFixture fixture = new RegistryFixture();
                RegistryStreams streams = RegistryStreams.of(config, Namespace.DEFAULT, fixture.topology());
                HealthEndpoint endpoint = HealthEndpoint.start(config.http(), streams, List.of(trino));
                HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> ready = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/health/ready".formatted(endpoint.port())))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(ready.statusCode()).isEqualTo(503); // its threads were not started
            assertThat(ready.body()).startsWith("CREATED\n").contains("trino: not reachable since");
        }
    }
}
