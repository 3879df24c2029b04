package dev.firn.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.gateway.access.Callers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the token counts for that a browser keeps.
final class TokenCookieTest {
    private static final String COOKIE = "firn-token=token";
    /// Of `token`.
    private static final String DIGEST = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

    private HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), "alice=" + DIGEST);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        FirnConfig.Gateway config = Settings.load(
                        Map.of(),
                        Map.of(
                                "firn.gateway.port", "0",
                                "firn.gateway.tokens-file", tokens.toString(),
                                "firn.gateway.rules-file", rules.toString()))
                .gateway();
        Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
        for (Route route : Route.values()) {
            handlers.put(route, call -> call.http().result(call.caller().principal()));
        }
        server = HttpServer.start(config, Callers.of(config), handlers, new FakePages(), new SimpleMeterRegistry());
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private HttpResponse<String> send(String method, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:%d%s".formatted(server.port(), path)))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .headers(headers);
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void opensPagesAndWhatTheyRead() {
        assertThat(send("GET", FakePages.PAGE, "Cookie", COOKIE).body()).isEqualTo("alice");
        assertThat(send("GET", "/commits", "Cookie", COOKIE).body()).isEqualTo("alice");
        assertThat(send("GET", FakePages.PAGE, "Cookie", "firn-token=other").body())
                .isEqualTo("page: UNAUTHENTICATED");
        assertThat(send("GET", FakePages.PAGE, "Cookie", "x=y").statusCode()).isEqualTo(401);
    }

    @Test
    void needsHttpsOutsideOfThisMachine() {
        for (String here : new String[] {"localhost", "127.0.0.1:8088", "[::1]:8088"}) {
            assertThat(TokenCookie.attributes(Optional.of(here)))
                    .contains("HttpOnly", "SameSite=Strict")
                    .doesNotContain("Secure");
        }
        for (String elsewhere : new String[] {"firn.example", "10.0.0.1:8088", "127.0.0.1.evil.example"}) {
            assertThat(TokenCookie.attributes(Optional.of(elsewhere)))
                    .contains("HttpOnly", "SameSite=Strict", "Secure");
        }
        assertThat(TokenCookie.attributes(Optional.empty())).contains("Secure");
    }

    @Test
    void holdsOnlyWhatACookieCanHold() {
        assertThat(TokenCookie.canHold("eyJhbGciOi.J9-_~+/=")).isTrue();
        for (String token : new String[] {"", "a b", "a;Path=/x", "a\r\nSet-Cookie: x=y", "ä", "x".repeat(4000)}) {
            assertThat(TokenCookie.canHold(token)).as(token).isFalse();
        }
    }

    /// Another site could make a browser send them.
    @Test
    void changesNothing() {
        for (String method : new String[] {"POST", "DELETE", "PUT"}) {
            String path = method.equals("POST") ? "/retrievals" : "/standing/x";

            assertThat(send(method, path, "Cookie", COOKIE).statusCode())
                    .as(method)
                    .isEqualTo(401);
            assertThat(send(method, path, "Cookie", COOKIE, "Authorization", "Bearer token")
                            .statusCode())
                    .as(method)
                    .isEqualTo(200);
        }
    }

    @Test
    void aFormMustComeFromAPageOfThisGateway() {
        String origin = "http://127.0.0.1:" + server.port();

        assertThat(send("POST", FakePages.FORM, "Cookie", COOKIE, "Sec-Fetch-Site", "same-origin")
                        .body())
                .isEqualTo("alice");
        assertThat(send("POST", FakePages.FORM, "Cookie", COOKIE, "Origin", origin)
                        .body())
                .isEqualTo("alice");
        for (String[] from : new String[][] {
            {"Origin", "https://evil.example"},
            {"Origin", "null"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"},
            {"X-Other", "says nothing of its origin"}
        }) {
            HttpResponse<String> answer = send("POST", FakePages.FORM, "Cookie", COOKIE, from[0], from[1]);
            assertThat(answer.statusCode()).as(String.join(" ", from)).isEqualTo(403);
        }
    }
}
