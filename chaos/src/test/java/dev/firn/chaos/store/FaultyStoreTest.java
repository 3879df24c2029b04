package dev.firn.chaos.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.chaos.store.Holds.When;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Requests to a store in memory, through the proxy.
final class FaultyStoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long SEED = 7;

    private final Map<String, String> objects = new ConcurrentHashMap<>();
    private final Map<String, String> hosts = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server;
    private FaultyStore store;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        store = new FaultyStore("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void serve(HttpExchange exchange) throws IOException {
        String key = exchange.getRequestURI().getPath();
        hosts.put(key, exchange.getRequestHeaders().getFirst("Host"));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        try (exchange) {
            switch (exchange.getRequestMethod()) {
                case "PUT" -> exchange.sendResponseHeaders(objects.putIfAbsent(key, body) == null ? 200 : 412, -1);
                case "DELETE" -> {
                    objects.remove(key);
                    exchange.sendResponseHeaders(204, -1);
                }
                default -> {
                    byte[] content = objects.getOrDefault(key, "").getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, content.length);
                    exchange.getResponseBody().write(content);
                }
            }
        }
    }

    @AfterEach
    void stop() {
        store.close();
        server.stop(0);
        client.close();
    }

    @Test
    void passesRequestsOnAsTheyAreAndLogsWrites() throws Exception {
        assertThat(send("PUT", "/lake/a", "content").statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/lake/a", "other").statusCode()).isEqualTo(412);
        assertThat(send("GET", "/lake/a", "").body()).isEqualTo("content");
        assertThat(send("DELETE", "/lake/a", "").statusCode()).isEqualTo(204);

        assertThat("http://" + hosts.get("/lake/a"))
                .as("the Host header that a signature covers")
                .isEqualTo(store.endpoint());
        assertThat(store.writes())
                .extracting(StoreWrite::toString)
                .containsExactly(
                        "PUT if absent lake/a: 200", "PUT if absent lake/a: 412", "DELETE if absent lake/a: 204");
        assertThat(store.fired()).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = StoreFault.class,
            names = {"SERVER_ERROR", "SLOW_DOWN"})
    void refusesWithoutExecuting(StoreFault fault) throws Exception {
        always(fault);
        assertThat(send("PUT", "/lake/a", "content").statusCode()).isIn(500, 503);
        assertThat(objects).isEmpty();
        assertThat(store.writes()).isEmpty();
        assertThat(store.fired(fault)).isEqualTo(1);
    }

    @Test
    void endsTheConnectionWithoutExecuting() {
        always(StoreFault.RESET);
        assertThatThrownBy(() -> send("PUT", "/lake/a", "content")).isInstanceOf(IOException.class);
        assertThat(objects).isEmpty();
    }

    @Test
    void executesAndLosesTheAnswer() {
        always(StoreFault.LOST_ANSWER);
        assertThatThrownBy(() -> send("PUT", "/lake/a", "content")).isInstanceOf(IOException.class);
        assertThat(objects).containsEntry("/lake/a", "content");
        assertThat(store.writes()).extracting(StoreWrite::fault).containsExactly(StoreFault.LOST_ANSWER);
    }

    @Test
    void executesLateWhatItAnsweredWithAnError() throws Exception {
        always(StoreFault.LATE);
        assertThat(send("PUT", "/lake/a", "content").statusCode()).isEqualTo(500);
        assertThat(objects).isEmpty();
        assertThat(store.applyLate()).isEqualTo(1);
        assertThat(objects).containsEntry("/lake/a", "content");
        assertThat(store.applyLate()).isZero();
    }

    @Test
    void cutsABodyOff() {
        objects.put("/lake/a", "content");
        always(StoreFault.CUT_BODY);
        assertThatThrownBy(() -> send("GET", "/lake/a", "")).isInstanceOf(IOException.class);
    }

    @Test
    void flipsABit() throws Exception {
        objects.put("/lake/a", "content");
        always(StoreFault.FLIPPED_BIT);
        assertThat(send("GET", "/lake/a", "").body()).isNotEqualTo("content").hasSize(7);
        assertThat(objects).containsEntry("/lake/a", "content");
    }

    @Test
    void failsTheSameRequestsWithTheSameSeed() {
        FaultPlan plan = FaultPlan.everywhere(SEED, 0.25, StoreFault.visible());
        FaultPlan again = FaultPlan.everywhere(SEED, 0.25, StoreFault.visible());
        int failed = 0;
        for (int time = 0; time < 1000; time++) {
            assertThat(plan.faultOf("PUT", "/lake/a", time)).isEqualTo(again.faultOf("PUT", "/lake/a", time));
            failed += plan.faultOf("PUT", "/lake/a", time).isPresent() ? 1 : 0;
        }
        assertThat(failed).isBetween(200, 300);
    }

    @Test
    void holdsARequestUntilItIsReleased() throws Exception {
        Holds.Hold hold = store.holds().next("PUT", "/a", "json", When.AFTER);
        CompletableFuture<Integer> status = sending("/lake/a.json");
        Waiting.until(LIMIT, hold::isReached, "the request");
        assertThat(objects).containsKey("/lake/a.json");
        assertThat(status).isNotDone();
        hold.release();
        assertThat(status.get()).isEqualTo(200);
        assertThat(send("PUT", "/lake/a.json", "content").statusCode())
                .as("the next one passes")
                .isEqualTo(412);
    }

    @Test
    void letsRequestsGoOnTogether() throws Exception {
        Holds.Hold meeting = store.holds().meeting(2, "PUT", "/a", "json", When.BEFORE);
        CompletableFuture<Integer> one = sending("/lake/a.json");
        assertThat(one.completeOnTimeout(0, 100, TimeUnit.MILLISECONDS).get())
                .as("the first one waits")
                .isZero();
        assertThat(meeting.isReached()).isFalse();
        assertThat(objects).isEmpty();

        assertThat(sending("/lake/a2.json").get()).isEqualTo(200);
        assertThat(meeting.isReached()).isTrue();
        Waiting.until(LIMIT, () -> objects.keySet().equals(Set.of("/lake/a.json", "/lake/a2.json")), "both");
        assertThat(sending("/lake/a3.json").get()).as("the next one passes").isEqualTo(200);
    }

    private CompletableFuture<Integer> sending(String path) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return send("PUT", path, "content").statusCode();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void always(StoreFault fault) {
        store.plan(FaultPlan.everywhere(SEED, 1, Set.of(fault)));
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(store.endpoint() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .header("If-None-Match", "*")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
