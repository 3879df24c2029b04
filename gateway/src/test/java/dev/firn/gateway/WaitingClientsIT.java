package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Clients that wait, go away, or are left, on a gateway process of 256 MB.
@WithStack
final class WaitingClientsIT {
    private static final int CLIENTS = 200;

    private static Map<String, String> settings(int port) {
        return GatewayStack.shared()
                .properties(
                        StackUser.GATEWAY,
                        "firn.gateway.port",
                        Integer.toString(port),
                        "firn.gateway.heartbeat",
                        "200ms");
    }

    private static ServiceChild gateway(int port) {
        return ServiceChild.start(
                "dev.firn.gateway.Gateway",
                "256m",
                settings(port),
                GatewayStack.shared().log("gateway-" + port));
    }

    private static String request(String id) {
        return """
                {"request_id": "%s", "features": ["waiting:total_orders"],
                 "spine": {"kind": "IDS", "columns": ["customer_id"], "rows": [["1"]]}}
                """.formatted(id);
    }

    @Test
    void twoHundredClientsWaitAtOnce() {
        int port = ServiceChild.freePort();
        try (ServiceChild _ = gateway(port);
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            Http http = Http.to(port);
            http.post("/feast/features", GatewayStack.shared().registration("waiting"));
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                HttpRequest wait = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:%d/retrievals/waited-for".formatted(port)))
                        .header("Prefer", "wait=60")
                        .build();
                answers.add(client.sendAsync(wait, HttpResponse.BodyHandlers.ofString()));
            }
            Waiting.until(
                    GatewayStack.LIMIT,
                    () -> {
                        assertThat(answers).noneMatch(CompletableFuture::isDone);
                        return http.post("/retrievals", request("waited-for")).status() < 300;
                    },
                    "the request is taken");

            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertThat(answer.join().statusCode()).isEqualTo(200);
                assertThat(answer.join().body()).contains("SUCCEEDED");
            }
        }
    }

    @Test
    void theIdLeadsToTheAnswerWhenTheGatewayDies() {
        int port = ServiceChild.freePort();
        try (ServiceChild first = gateway(port);
                GatewayRuntime second = GatewayStack.shared().gateway()) {
            Http http = Http.to(port);
            http.post("/feast/features", GatewayStack.shared().registration("waiting"));
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(
                    () -> http.get("/retrievals/outlives/events"), Thread::startVirtualThread);
            assertThat(http.post("/retrievals", request("outlives")).status()).isEqualTo(202);

            first.kill();

            assertThat(Http.to(second.port())
                            .get("/retrievals/outlives", "Prefer", "wait=60")
                            .json()
                            .path("status")
                            .asText())
                    .isEqualTo("SUCCEEDED");
            assertThat(waiting.handle((_, _) -> true).join()).isTrue();
        }
    }

    @Test
    void nothingIsLeftOfAClientThatGoesAway() throws IOException {
        try (GatewayRuntime gateway = GatewayStack.shared().gateway("firn.gateway.heartbeat", "100ms")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                socket.getOutputStream()
                        .write("GET /retrievals/nobody/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                InputStream in = socket.getInputStream();
                assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 200");
                Waiting.until(
                        GatewayStack.LIMIT,
                        () -> metric(gateway, "firn_gateway_subscriptions") == 1.0
                                && metric(gateway, "firn_gateway_in_flight") == 1.0,
                        "the stream is open");
            }
            Waiting.until(
                    GatewayStack.LIMIT,
                    () -> metric(gateway, "firn_gateway_subscriptions") == 0.0
                            && metric(gateway, "firn_gateway_in_flight") == 0.0,
                    "the stream is closed");
        }
    }

    @Test
    void aRetrievalGoesOnWithoutTheClientThatAskedForIt() throws IOException {
        try (GatewayRuntime gateway = GatewayStack.shared().gateway()) {
            Http http = Http.to(gateway.port());
            http.post("/feast/features", GatewayStack.shared().registration("waiting"));
            String body = request("abandoned");
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                socket.getOutputStream()
                        .write(
                                "POST /retrievals HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=60\r\nContent-Length: %d\r\n\r\n%s"
                                        .formatted(body.length(), body)
                                        .getBytes(StandardCharsets.US_ASCII));
                Waiting.until(
                        GatewayStack.LIMIT,
                        () -> http.get("/retrievals/abandoned")
                                        .json()
                                        .path("known")
                                        .asBoolean()
                                || http.get("/retrievals/abandoned").status() == 200,
                        "the request is sent");
            }
            Waiting.until(
                    GatewayStack.LIMIT,
                    () -> http.get("/retrievals/abandoned", "Prefer", "wait=5")
                            .json()
                            .path("status")
                            .asText()
                            .equals("SUCCEEDED"),
                    "the retrieval succeeds");
            Waiting.until(
                    GatewayStack.LIMIT,
                    () -> metric(gateway, "firn_gateway_subscriptions") == 0.0
                            && metric(gateway, "firn_gateway_in_flight") == 0.0,
                    "nothing is left of the call");
        }
    }

    private static double metric(GatewayRuntime gateway, String name) {
        return Http.to(gateway.healthPort())
                .get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(-1);
    }
}
