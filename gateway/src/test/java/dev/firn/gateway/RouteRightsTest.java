package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.RetrievalResult;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.http.Pages;
import dev.firn.gateway.http.Route;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Follower;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Namespace;
import dev.firn.service.Lifecycle;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every call and every page, by somebody who is recognised and whom no rule names, and by nobody.
final class RouteRightsTest {
    private static final String[] STRANGER = {"Authorization", "Bearer token"};
    private static final String SHA_256_OF_TOKEN = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";

    /// Port 9 is discard: nobody listens there.
    private static final Map<String, Object> NOBODY = Map.of(
            "bootstrap.servers", "127.0.0.1:9", "reconnect.backoff.ms", 60_000, "reconnect.backoff.max.ms", 60_000);

    /// What shows everyone only what they may read, item by item: AccessIT.
    private static final Set<Route> FILTERED =
            EnumSet.of(Route.LIST_VIEWS, Route.LIST_STANDING, Route.LIST_COMMITS, Route.COMMIT_EVENTS);

    private static final Set<String> FILTERED_PAGES = Set.of("PAGE_VIEWS", "PAGE_RETRIEVALS", "PAGE_STANDING");

    static {
        EventClasses.trust();
    }

    private final Lifecycle lifecycle = new Lifecycle();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private Pages pages;
    private Http http;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        Path tokens = Files.writeString(folder.resolve("tokens"), "stranger=" + SHA_256_OF_TOKEN);
        Path rules = Files.writeString(folder.resolve("rules"), "{\"rules\": []}");
        FirnConfig config = Settings.load(
                Map.of(),
                Map.of(
                        "firn.results.location", folder.resolve("results").toString(),
                        "firn.gateway.port", "0",
                        "firn.gateway.kafka-timeout", "1s",
                        "firn.gateway.tokens-file", tokens.toString(),
                        "firn.gateway.rules-file", rules.toString()));
        Clock clock = Clock.systemUTC();
        Storage storage = lifecycle.opened(Storage.open(Map.of("client.region", "us-east-1")));
        AvroCodec codec = lifecycle.opened(AvroCodec.of(Map.of("schema.registry.url", "http://127.0.0.1:9")));
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Handlers.Parts parts = new Handlers.Parts(
                new EventSender(producer, codec, Namespace.DEFAULT),
                storage,
                new Follower(
                        Namespace.DEFAULT,
                        new MockConsumer<>("earliest"),
                        lifecycle.opened(Admin.create(NOBODY)),
                        clock),
                Heard.of(config.gateway(), codec, clock),
                metrics);
        Callers callers = Callers.of(config.gateway());
        Handlers.Served served = new Handlers(config, clock, lifecycle, parts).all(callers);
        pages = served.pages();
        http = Http.to(lifecycle
                .opened(HttpServer.start(config.gateway(), callers, served.calls(), pages, metrics))
                .port());
        decide(storage, ResultLayout.of(config));
    }

    @AfterEach
    void stop() {
        lifecycle.close();
    }

    /// A result that somebody else has asked for.
    private static void decide(Storage storage, ResultLayout layout) {
        RetrievalResult result = EventJson.read(RetrievalResult.class, EventJson.object("""
                {"request_id": "of-alice", "request_digest": "d", "status": "SUCCEEDED", "message": "", "rows": 0,
                 "completed_at": "2026-01-01T00:00:00Z"}
                """));
        storage.putIfAbsent(layout.manifest("of-alice"), new Manifest(result, null, null, "worker", "alice").toBytes());
    }

    private static String path(String template) {
        return template.replace("{name}", "view").replace("{id}", "of-alice").replace("{n}", "0");
    }

    private static String body(Route route) {
        return switch (route) {
            case REGISTER -> "{\"name\": \"view\"}";
            case RETRIEVE, CREATE_STANDING -> "{\"features\": [\"view:a\"], \"spine\": {\"kind\": \"ALL\"}}";
            case HINT -> "{\"catalog\": \"iceberg\", \"schema\": \"s\", \"table_name\": \"t\"}";
            default -> "";
        };
    }

    private Http.Answer call(Route route, String... headers) {
        String text = body(route);
        return http.send(
                route.method(),
                path(route.path()),
                text.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(text),
                headers);
    }

    @Test
    void whomNoRuleNamesMayDoNothing() {
        for (Route route : EnumSet.complementOf(EnumSet.copyOf(FILTERED))) {
            if (route != Route.OPEN_API) {
                Http.Answer answer = call(route, STRANGER);
                assertThat(answer.status()).as("%s: %s", route, answer.text()).isEqualTo(403);
                assertThat(answer.code()).isEqualTo(Code.FORBIDDEN.name());
            }
        }
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void whoIsNotRecognisedMayReadTheDescriptionOnly() {
        for (Route route : Route.values()) {
            Http.Answer answer = call(route);
            assertThat(answer.status())
                    .as("%s: %s", route, answer.text())
                    .isEqualTo(route == Route.OPEN_API ? 200 : 401);
        }
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void pagesShowNoMoreThanCalls() {
        for (Pages.Page page : pages.all()) {
            if (page.access() == Pages.Access.CALLERS && !FILTERED_PAGES.contains(page.name())) {
                Http.Answer answer = http.send(
                        page.method(),
                        path(page.path()),
                        HttpRequest.BodyPublishers.noBody(),
                        "Cookie",
                        "firn-token=token",
                        "Sec-Fetch-Site",
                        "same-origin");
                assertThat(answer.status()).as(page.name()).isEqualTo(403);
            }
        }
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void pagesLeadWhoIsNotRecognisedToTheForm() {
        for (Pages.Page page : pages.all()) {
            if (page.access() == Pages.Access.CALLERS) {
                Http.Answer answer = http.send(
                        page.method(),
                        path(page.path()),
                        HttpRequest.BodyPublishers.noBody(),
                        "Sec-Fetch-Site",
                        "same-origin");
                assertThat(answer.status()).as(page.name()).isEqualTo(303);
                assertThat(answer.header("Location")).startsWith("/ui/sign-in?next=");
            }
        }
    }
}
