package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.FakePages;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.http.Route;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RequestBodyTest {
    @Test
    void rowsOfARequestThatIsRefusedAreNotStored(@TempDir Path temporary) throws Exception {
        Path folder = temporary.resolve("uploads");
        Path scratch = Files.createDirectory(temporary.resolve("scratch"));
        FirnConfig.Gateway config =
                Settings.load(Map.of(), Map.of("firn.gateway.port", "0")).gateway();
        try (Storage storage = Storage.open(Map.of("client.region", "us-east-1"))) {
            Uploads uploads = new Uploads(storage, new Uploads.Settings(folder.toString(), scratch, 1 << 20, 1 << 20));
            RequestBody body = new RequestBody(new Bodies(1 << 20, Clock.systemUTC()), uploads);
            Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
            for (Route route : Route.values()) {
                handlers.put(
                        route,
                        call -> body.read(call, request -> {
                            throw Refusal.of(
                                    Code.FORBIDDEN, request.getFeatures().toString());
                        }));
            }
            try (HttpServer server = HttpServer.start(
                            config, Callers.of(config), handlers, new FakePages(), new SimpleMeterRegistry());
                    HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/retrievals?features=orders:total"
                                        .formatted(server.port())))
                                .header("Content-Type", "text/csv")
                                .POST(HttpRequest.BodyPublishers.ofString("a,b\n1,2\n"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
                assertThat(folder).doesNotExist();
            }
        }
    }
}
