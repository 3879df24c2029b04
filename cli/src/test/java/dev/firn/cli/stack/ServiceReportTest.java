package dev.firn.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.cli.render.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What `firn status` shows of a service, from its HTTP endpoint.
final class ServiceReportTest {
    private static final String HEALTH = """
            {"status":"DOWN","state":"RUNNING","neighbours":[
              {"name":"kafka","status":"UP"},
              {"name":"trino","status":"DOWN","since":"2026-03-01T00:00:00Z","reason":"connection refused"}]}""";
    private static final String METRICS = """
            # HELP firn_input_lag_seconds
            # TYPE firn_input_lag_seconds gauge
            firn_input_lag_seconds{topic="firn.retrieval-requests"} 18000.5
            firn_input_lag_seconds{topic="firn.retrieval-runs"} 0.0
            firn_input_retention_seconds{topic="firn.retrieval-requests"} 604800.0
            firn_retrieval_parked{cause="DUPLICATE"} 7.0
            firn_retrieval_parked{cause="DENIED"} 2.0
            firn_retrieval_parked{cause="FAILED"} 1.0
            firn_registry_views_undecoded 4.0
            jvm_memory_used_bytes{area="heap",id="Tenured Gen"} 1.2E7
            firn_other NaN
            """;

    private final HttpServer server = server();

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void serve() {
        Map.of("/health", HEALTH, "/metrics", METRICS)
                .forEach((path, text) -> server.createContext(path, exchange -> {
                    byte[] body = text.getBytes(StandardCharsets.UTF_8);
                    try (exchange) {
                        exchange.sendResponseHeaders(path.equals("/health") ? 503 : 200, body.length);
                        exchange.getResponseBody().write(body);
                    }
                }));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void saysWhatIsWrong() {
        ServiceReport report = ServiceReport.of("retrieval-worker", address()).orElseThrow();

        assertThat(report.isReady()).isFalse();
        assertThat(report.away()).containsExactly("trino since 2026-03-01T00:00:00Z: connection refused");
        assertThat(report.parked()).isEqualTo(3);
        assertThat(report.putAside()).isEqualTo(4);
        assertThat(report.oldestRequest()).contains(" in firn.retrieval-requests");
        assertThat(report.json().toString()).isEqualTo("""
                {"name":"retrieval-worker","state":"RUNNING","ready":false,\
                "neighbours_away":["trino since 2026-03-01T00:00:00Z: connection refused"],\
                "oldest_request_seconds":{"firn.retrieval-requests":18000.5,"firn.retrieval-runs":0.0},\
                "parked":3,"put_aside":4}""");
    }

    @Test
    void fitsOneScreen() {
        ServiceReport report = ServiceReport.of("retrieval-worker", address()).orElseThrow();
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);

        new ServicesStatus(List.of(report), OptionalLong.of(12)).show(new Console(writer, writer, false));
        writer.flush();

        assertThat(out.toString().lines())
                .hasSizeLessThan(10)
                .anyMatch(line -> line.contains("retrieval-worker") && line.contains("RUNNING") && line.contains("no"))
                .anyMatch(line ->
                        line.equals("  retrieval-worker misses trino since 2026-03-01T00:00:00Z: connection refused"))
                .anyMatch(line -> line.equals("  dead letters of the last day: 12"));
    }

    @Test
    void isEmptyIfTheServiceDoesNotAnswer() {
        server.stop(0);

        assertThat(ServiceReport.of("retrieval-worker", address())).isEmpty();
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
