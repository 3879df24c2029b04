package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a service says of its health.
final class HealthEndpointTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T00:00:00Z"), ZoneOffset.UTC);

    private final FirnConfig config = Settings.load(
            Map.of(),
            Map.of(
                    "firn.http.port", "0",
                    "firn.access.catalogs", "ice,lake",
                    "firn.catalogs.ice.type", "jdbc",
                    "firn.catalogs.lake.type", "rest"));
    private final Neighbours neighbours = new Neighbours(config, CLOCK);
    private final Neighbour trino = neighbours.require("trino");
    private final Health health = new Health(neighbours);
    private final HealthEndpoint endpoint = HealthEndpoint.start(config.http(), health);
    private final HttpClient http = HttpClient.newHttpClient();

    private record Running(boolean isLive, boolean isReady, String state) implements Health.Probe {}

    @AfterEach
    void close() {
        http.close();
        endpoint.close();
    }

    @Test
    void isLiveButNotReadyWhileItStarts() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health").body()).isEqualTo("""
                {"status":"DOWN","state":"STARTING","neighbours":[\
                {"name":"kafka","status":"UP"},{"name":"schema-registry","status":"UP"},\
                {"name":"object-store","status":"UP"},{"name":"trino","status":"UP"},\
                {"name":"catalog.ice","status":"UP"},{"name":"catalog.lake","status":"UP"}]}""");
    }

    @Test
    void saysWhatTheServiceSays() throws Exception {
        health.started(new Running(true, true, "RUNNING"));
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(get("/health").statusCode()).isEqualTo(200);

        health.started(new Running(false, false, "ERROR"));
        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").body()).startsWith("{\"status\":\"DOWN\",\"state\":\"ERROR\"");
    }

    @Test
    void isNotReadyWhileANeighbourIsAwayAndNamesIt() throws Exception {
        health.started(new Running(true, true, "RUNNING"));
        trino.reached();
        misses(trino, 2);
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);

        misses(trino, 1);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body())
                .contains(
                        "{\"name\":\"trino\",\"status\":\"DOWN\",\"since\":\"2026-03-01T00:00:00Z\",\"reason\":\"no answer in time\"}");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);

        trino.reached();
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).contains("{\"name\":\"trino\",\"status\":\"UP\"}");
    }

    @Test
    void staysReadyUntilTheLastCatalogIsAway() throws Exception {
        health.started(new Running(true, true, "RUNNING"));
        List<Neighbour> catalogs = neighbours.all().stream()
                .filter(neighbour -> neighbour.name().startsWith("catalog."))
                .toList();

        misses(catalogs.getFirst(), 3);
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).contains("{\"name\":\"catalog.ice\",\"status\":\"DOWN\"");

        misses(catalogs.getLast(), 3);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void showsTheDetailsOfTheService() throws Exception {
        health.started(new Health.Probe() {
            @Override
            public boolean isLive() {
                return true;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public String state() {
                return "RUNNING";
            }

            @Override
            public Map<String, String> details() {
                return Map.of("views-undecoded", "1: orders", "views-last-read", "never");
            }
        });
        assertThat(get("/health").body())
                .endsWith("\"details\":{\"views-last-read\":\"never\",\"views-undecoded\":\"1: orders\"}}");
    }

    @Test
    void answersOnlyUnderItsOwnPaths() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(404);
        assertThat(get("/health/other").statusCode()).isEqualTo(404);
        assertThat(get("/metricsx").statusCode()).isEqualTo(404);
    }

    @Test
    void listsItsPathsAtTheRootAndWhereNothingIs() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(get("/").headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        for (String path : List.of("/health", "/health/ready", "/health/live", "/metrics")) {
            assertThat(get("/").body()).contains('"' + path + '"');
            assertThat(get("/healthz").body()).contains('"' + path + '"');
        }
    }

    @Test
    void servesTheMetersOfTheProcessAndTheService() throws Exception {
        endpoint.metrics().counter("firn.test").increment();

        assertThat(get("/metrics").body()).contains("jvm_memory_used_bytes").contains("firn_test_total 1.0");
    }

    private static void misses(Neighbour neighbour, int times) {
        for (int i = 0; i < times; i++) {
            neighbour.missed("no answer in time");
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:%d%s".formatted(endpoint.port(), path));
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
