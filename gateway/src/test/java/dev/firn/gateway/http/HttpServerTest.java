package dev.firn.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client is told when a call fails.
final class HttpServerTest {
    private static final String SHA_256_OF_TOKEN = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    private static final String SECRET = "jdbc:postgresql://db.internal?password=secret";

    private final AtomicReference<Exception> fault = new AtomicReference<>(new IllegalStateException("not set"));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final HttpServer server = start();
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpServer start() {
        FirnConfig.Gateway config = Settings.load(
                        Map.of(), Map.of("firn.gateway.port", "0", "firn.gateway.retry-after", "7s"))
                .gateway();
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(route, _ -> {
                throw fault.get();
            });
        }
        return HttpServer.start(config, Callers.of(config), handlers, new FakePages(), metrics);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private HttpResponse<String> fails(Exception e) {
        fault.set(e);
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/commits".formatted(server.port())))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException fault) {
            throw new AssertionError(fault);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return new ObjectMapper().readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    @Test
    void aNeighbourThatIsAwayIs503WithATimeToComeBack() {
        for (Exception away : new Exception[] {
            Refusal.of(Code.KAFKA_UNAVAILABLE, "Kafka is away"),
            Refusal.of(Code.SCHEMA_REGISTRY_UNAVAILABLE, "The registry is away"),
            new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, SECRET, new IOException(SECRET))
        }) {
            HttpResponse<String> response = fails(away);

            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).contains("7");
            assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(response.body()).doesNotContain("secret");
        }
    }

    @Test
    void onlyABodyThatBreaksOffIsTheFaultOfTheClient() {
        assertThat(json(fails(new BodyBrokenOffException(new IOException(SECRET))))
                        .path("code")
                        .asText())
                .isEqualTo(Code.BODY_INCOMPLETE.name());

        HttpResponse<String> full = fails(new IOException(SECRET));

        assertThat(full.statusCode()).isEqualTo(503);
        assertThat(json(full).path("code").asText()).isEqualTo(Code.OVERLOADED.name());
        assertThat(full.body()).doesNotContain("secret");
    }

    @Test
    void everyoneMayReadTheDescription(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + "0".repeat(64));
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        try (HttpServer guarded = guarded(tokens, rules, call -> call.http().result("answered"))) {
            assertThat(status(guarded.port(), "/openapi.json")).isEqualTo(200);
            assertThat(status(guarded.port(), "/commits")).isEqualTo(401);
        }
    }

    @Test
    @Timeout(30)
    void anEventStreamEndsWhenItsTokenIsTakenAway(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        AtomicReference<Exception> end = new AtomicReference<>();
        try (HttpServer guarded = guarded(tokens, rules, call -> {
            try {
                EventStream.open(call, new Events(1 << 20).subscribe("nothing"), Duration.ofMillis(20), "/nothing")
                        .follow((_, _) -> true, _ -> false);
            } catch (Refusal e) {
                end.set(e);
                throw e;
            }
        })) {
            HttpResponse<InputStream> stream = client.send(asAlice(guarded.port()), BodyHandlers.ofInputStream());
            assertThat(stream.statusCode()).isEqualTo(200);
            try (InputStream events = stream.body()) {
                assertThat(new String(events.readNBytes(7), StandardCharsets.UTF_8))
                        .isEqualTo(": open\n");

                change(tokens, "alice=" + "0".repeat(64));

                events.transferTo(OutputStream.nullOutputStream());
            }
            assertThat(end.get())
                    .isInstanceOfSatisfying(
                            Refusal.class,
                            refusal -> assertThat(refusal.problem().code()).isEqualTo(Code.UNAUTHENTICATED));
        }
    }

    /// A browser keeps the id of a comment too, though it shows no event.
    @Test
    @Timeout(30)
    void anEventStreamTellsWhereItIsAndWhatIsMissing(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        try (HttpServer guarded = guarded(
                tokens,
                rules,
                call -> EventStream.open(
                                call,
                                new Events(1 << 20).subscribe("nothing", EventStream.position(call)),
                                Duration.ofMillis(20),
                                "/standing/daily")
                        .follow((_, _) -> true, _ -> false))) {
            HttpRequest again = HttpRequest.newBuilder(asAlice(guarded.port()), (_, _) -> true)
                    .header("Last-Event-ID", "0a0b0c0d-5")
                    .build();
            String id = "id: [0-9a-f]{8}-0\n";
            for (HttpRequest request : List.of(asAlice(guarded.port()), again)) {
                String gap = request.equals(again)
                        ? "event: Gap\n" + id + "data: \\{\"state\":\"/standing/daily\"\\}\n\n"
                        : "";
                Pattern told = Pattern.compile(": open\n" + id + "\n" + gap + ": still here\n" + id + "\n");
                try (InputStream events =
                        client.send(request, BodyHandlers.ofInputStream()).body()) {
                    StringBuilder text = new StringBuilder();
                    while (!told.matcher(text).lookingAt()) {
                        assertThat(text).hasSizeLessThan(250);
                        text.append((char) events.read());
                    }
                }
            }
        }
    }

    @Test
    void aCallThatLastsHasTheRulesOfThatTime(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(
                folder.resolve("rules"),
                "{\"rules\": [{\"principals\": [\"alice\"], \"read\": {\"catalogs\": [\"iceberg\"]}}]}");
        try (HttpServer guarded = guarded(tokens, rules, call -> {
            boolean before = call.caller().may(Right.READ, Kind.CATALOG, "iceberg");
            change(rules, "{\"rules\": []}");
            boolean after = call.recognisedAgain().may(Right.READ, Kind.CATALOG, "iceberg");
            call.http().result(before + " " + after);
        })) {
            assertThat(client.send(asAlice(guarded.port()), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("true false");
        }
    }

    private static HttpRequest asAlice(int port) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/commits".formatted(port)))
                .header("Authorization", "Bearer token")
                .build();
    }

    /// A file is read again if its time has changed.
    private static void change(Path file, String text) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(1)));
    }

    private HttpServer guarded(Path tokens, Path rules, Call.Handler handler) {
        FirnConfig.Gateway config = Settings.load(
                        Map.of(),
                        Map.of(
                                "firn.gateway.port",
                                "0",
                                "firn.gateway.tokens-file",
                                tokens.toString(),
                                "firn.gateway.rules-file",
                                rules.toString()))
                .gateway();
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(route, handler);
        }
        return HttpServer.start(config, Callers.of(config), handlers, new FakePages(), new SimpleMeterRegistry());
    }

    /// While one is answered it calls the others.
    @Test
    void whatIsOpenToEveryoneTakesNoPlaceOfOthers() throws Exception {
        FirnConfig.Gateway config = Settings.load(
                        Map.of(), Map.of("firn.gateway.port", "0", "firn.gateway.max-in-flight", "1"))
                .gateway();
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(route, call -> call.http().result("answered"));
        }
        AtomicInteger port = new AtomicInteger();
        AtomicBoolean isWithin = new AtomicBoolean();
        FakePages pages = new FakePages(call -> {
            if (isWithin.compareAndSet(false, true)) {
                call.http()
                        .result("calls %d, page %d, form %d"
                                .formatted(
                                        status(port.get(), "/commits"),
                                        status(port.get(), FakePages.OPEN_PAGE),
                                        send(port.get(), "POST", FakePages.OPEN_FORM)
                                                .statusCode()));
                isWithin.set(false);
            }
        });
        try (HttpServer busy = HttpServer.start(config, Callers.of(config), handlers, pages, metrics)) {
            port.set(busy.port());

            assertThat(send(busy.port(), "GET", FakePages.OPEN_PAGE).body()).isEqualTo("calls 200, page 200, form 200");
            assertThat(send(busy.port(), "POST", FakePages.OPEN_FORM).body())
                    .isEqualTo("calls 200, page 200, form 429");
        }
    }

    private int status(int port, String path) throws IOException, InterruptedException {
        return send(port, "GET", path).statusCode();
    }

    private HttpResponse<String> send(int port, String method, String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header("Sec-Fetch-Site", "same-origin")
                        .build(),
                BodyHandlers.ofString());
    }

    /// Jetty answers these before any route sees them.
    @ParameterizedTest
    @CsvSource({"/retrievals/%zz, '', 400", "/commits, Content-Length: x, 400", "/commits, HUGE, 431"})
    void whatCannotBeReadIsAProblemToo(String path, String header, int status) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String more = header.equals("HUGE") ? "X-Huge: " + "x".repeat(17 << 10) : header;
            String call = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n"
                    .formatted(path, more.isEmpty() ? "" : more + "\r\n");
            socket.getOutputStream().write(call.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 %d ".formatted(status)).contains("application/problem+json");
            JsonNode problem = new ObjectMapper().readTree(answer.substring(answer.indexOf("\r\n\r\n")));
            assertThat(problem.path("status").asInt()).isEqualTo(status);
            assertThat(problem.path("code").asText()).isEqualTo(Code.BAD_PARAMETER.name());
        }
    }

    /// Nobody who calls can mend it, so it is no fault of the call.
    @Test
    void whatTheStoreDeniesToFirnIsNoFaultOfTheCall() {
        for (LakeCode code :
                new LakeCode[] {LakeCode.FILE_DENIED, LakeCode.STORE_REFUSED, LakeCode.UNSUPPORTED_STORE}) {
            HttpResponse<String> response = fails(new LakeRejection(code, "[s3://b/x] says the test"));

            assertThat(response.statusCode()).as(code.name()).isEqualTo(502);
            assertThat(json(response).path("code").asText()).isEqualTo(code.name());
            assertThat(response.headers().firstValue("Retry-After")).isEmpty();
        }
    }

    /// Whatever is in it: names and files come from anybody.
    @ParameterizedTest
    @ValueSource(strings = {"/commits", "/nowhere", "/openapi.json", "/docs/", "/ui/lib/htmx.min.js", "/ui/page"})
    void noAnswerIsTakenForAnotherTypeOrShownWithinAnotherPage(String path) throws Exception {
        fault.set(Refusal.of(Code.NOT_FOUND, "<script>alert(1)</script>"));
        HttpResponse<String> response = send(server.port(), "GET", path);

        assertThat(response.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(response.headers().allValues("X-Frame-Options")).containsExactly("DENY");
    }

    @ParameterizedTest
    @CsvSource({
        "wait=5, PT5S",
        "wait=999999, PT1M",
        "'respond-async, wait=\"7\"', PT7S",
        "wait=-1, none",
        "nowait=5, none"
    })
    void nobodyWaitsLongerThanTheGatewayAllows(String prefer, String wait, @TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        try (HttpServer guarded = guarded(
                tokens,
                rules,
                call -> call.http()
                        .result(call.preferredWait().map(Duration::toString).orElse("none")))) {
            HttpRequest request = HttpRequest.newBuilder(asAlice(guarded.port()), (_, _) -> true)
                    .header("Prefer", prefer)
                    .build();

            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo(wait);
        }
    }

    @Test
    void whatIsNotSaidToBeKeptIsNotKept() {
        assertThat(fails(Refusal.of(Code.NOT_FOUND, "none")).headers().allValues("Cache-Control"))
                .containsExactly("no-store");
    }

    /// To change something although the client's condition may not hold would be worse.
    @ParameterizedTest
    @CsvSource({
        "DELETE, /feast/features/a, If-Match",
        "POST, /feast/features, If-None-Match",
        "PUT, /standing/a, If-None-Match"
    })
    void aCallThatChangesSomethingHasNoConditions(String method, String path, String header) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header(header, "*")
                        .build(),
                BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("code").asText()).isEqualTo(Code.BAD_PARAMETER.name());
    }

    /// Otherwise the client would wait for the rest, or take the next answer for it.
    @Test
    @Timeout(30)
    void anAnswerThatBreaksOffEndsItsConnection(@TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        try (HttpServer guarded = guarded(tokens, rules, call -> {
                    call.http().res().setContentLengthLong(100);
                    call.http().res().getOutputStream().write('x');
                    call.http().res().flushBuffer();
                    throw new IOException("says the test");
                });
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), guarded.port())) {
            socket.getOutputStream()
                    .write("GET /commits HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer token\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\nx");
        }
    }

    @Test
    void aMethodThatThePathLacksNamesThoseThatItHas() throws Exception {
        HttpResponse<String> response = send(server.port(), "PUT", "/feast/features");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(json(response).path("code").asText()).isEqualTo(Code.METHOD_NOT_ALLOWED.name());
        assertThat(response.headers().firstValue("Allow").orElse("").split(", "))
                .containsExactlyInAnyOrder("GET", "HEAD", "POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ui/lib/htmx.min.js", "/ui/files/pages.css", "/docs/"})
    void headTellsWhatGetWouldOfFilesToo(String path) throws Exception {
        HttpResponse<String> get = send(server.port(), "GET", path);
        HttpResponse<String> head = send(server.port(), "HEAD", path);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String header : new String[] {"Content-Type", "Content-Length", "Cache-Control"}) {
            assertThat(head.headers().firstValue(header))
                    .as(header)
                    .isEqualTo(get.headers().firstValue(header));
        }
    }

    @Test
    void aDefectTellsNothingOfItself() {
        HttpResponse<String> response = fails(new IllegalStateException(SECRET));

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(json(response).path("code").asText()).isEqualTo(Code.INTERNAL.name());
        assertThat(response.body()).doesNotContain("secret");
    }

    @Test
    void aProblemSaysWhatToDo() {
        JsonNode problem = json(fails(new LakeRejection(LakeCode.LOCATION_NOT_ALLOWED, "[s3://other/x] is outside")));

        assertThat(problem.path("type").asText()).isEqualTo("urn:firn:LOCATION_NOT_ALLOWED");
        assertThat(problem.path("title").asText()).isEqualTo(Code.LOCATION_NOT_ALLOWED.meaning());
        assertThat(problem.path("status").asInt()).isEqualTo(422);
        assertThat(problem.path("detail").asText()).contains("s3://other/x");
        assertThat(problem.path("remedy").asText()).isEqualTo(Code.LOCATION_NOT_ALLOWED.remedy());
        assertThat(problem.path("fault").asText()).isEqualTo("REQUEST");
    }

    @Test
    void countsCallsByRouteAndStatus() {
        HttpResponse<String> response = fails(Refusal.of(Code.NOT_FOUND, "none"));
        assertThat(response.statusCode()).isEqualTo(404);

        assertThat(metrics.get("firn.gateway.requests")
                        .tag("route", "LIST_COMMITS")
                        .tag("status", "404")
                        .timer()
                        .count())
                .isEqualTo(1);
    }
}
