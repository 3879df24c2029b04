package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a probe says of a part that is not healthy.
@Timeout(20)
final class HealthProbeTest {
    private volatile int status = 200;
    private volatile String body = "";
    private HttpServer server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        port = server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String fault(int answered, String with) {
        status = answered;
        body = with;
        return HealthProbe.http("http://127.0.0.1:" + port).fault();
    }

    @Test
    void aHealthyPartHasNoFault() {
        assertThat(fault(200, "")).isEmpty();
    }

    @Test
    void aServiceSaysWhatItWaitsFor() {
        assertThat(fault(503, """
                {"status": "DOWN", "state": "RUNNING", "neighbours": [
                  {"name": "kafka", "status": "UP"},
                  {"name": "trino", "status": "DOWN", "since": "2026-03-01T00:00:00Z", "reason": "no answer in time"},
                  {"name": "catalog.iceberg", "status": "DOWN", "reason": "connection refused"}]}
                """))
                .isEqualTo("waits for trino: no answer in time; catalog.iceberg: connection refused");
        assertThat(fault(503, "{\"status\": \"DOWN\", \"state\": \"REBALANCING\", \"neighbours\": []}"))
                .isEqualTo("REBALANCING");
    }

    @Test
    void aPartThatAnswersSomethingElseIsNotReady() {
        assertThat(fault(503, "<html>")).isEqualTo("not ready");
        assertThat(fault(500, "")).isEqualTo("not ready");
        assertThat(fault(404, "[1]")).isEqualTo("not ready");
    }

    @Test
    void aPartThatIsAwayDoesNotAnswer() {
        server.stop(0);
        assertThat(fault(200, "")).isEqualTo("not answering");
    }
}
