package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.schemas.AccessRule.Role;
import dev.firn.schemas.Namespace;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That real neighbours which go away and come back are noticed, whether they refuse or hang.
@WithStack
final class NeighboursIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Namespace namespace = new Namespace(TestStack.namespace());
    private final Lifecycle lifecycle = new Lifecycle();
    private final Map<String, String> settings = new HashMap<>();
    private final TestStack stack;
    private final StackAddresses addresses;
    private final HttpServer restCatalog;

    NeighboursIT(TestStack stack) throws IOException {
        this.stack = stack;
        this.addresses = stack.addresses();
        this.restCatalog = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    }

    @BeforeEach
    void prepare() {
        restCatalog.createContext(
                "/v1/config", exchange -> answer(exchange, 200, "{\"defaults\":{},\"overrides\":{}}"));
        restCatalog.createContext(
                "/v1/namespaces",
                exchange -> answer(
                        exchange,
                        404,
                        "{\"error\":{\"message\":\"none\",\"type\":\"NoSuchNamespaceException\",\"code\":404}}"));
        restCatalog.start();
        settings.put("firn.namespace", namespace.name());
        settings.put("firn.health.check-interval", "100ms");
        settings.put("firn.health.check-timeout", "2s");
        settings.put("firn.kafka.bootstrap-servers", addresses.bootstrapServers());
        stack.kafka(StackUser.ADMIN)
                .forEach((name, value) -> settings.put("firn.kafka.properties." + name, value.toString()));
        settings.put("firn.kafka.partitions", "1");
        settings.put("firn.kafka.retrieval-partitions", "1");
        settings.put("firn.schema-registry.url", addresses.schemaRegistryUrl());
        settings.put("firn.s3.endpoint", addresses.s3Endpoint());
        settings.put("firn.s3.path-style-access", "true");
        settings.put("firn.s3.access-key-id", addresses.accessKey());
        settings.put("firn.s3.secret-access-key", addresses.secretKey());
        settings.put("firn.results.location", "s3://%s/results".formatted(StackAddresses.BUCKET));
        settings.put("firn.access.catalogs", "iceberg,rest");
        addresses
                .icebergCatalogProperties()
                .forEach((name, value) -> settings.put("firn.catalogs.iceberg." + name, value));
        settings.put("firn.catalogs.rest.type", "rest");
        settings.put("firn.catalogs.rest.uri", restUri(restCatalog.getAddress().getPort()));
        FirnConfig config = config();
        KafkaRights rights = lifecycle.opened(new KafkaRights(config, Role.REGISTRATION_SERVICE));
        new TopicPreparation(config, rights, new Neighbours(config, Clock.systemUTC())).await(lifecycle);
    }

    @AfterEach
    void close() {
        lifecycle.close();
        restCatalog.stop(0);
    }

    @Test
    void allAreThere() {
        Neighbours neighbours = new Neighbours(config(), Clock.systemUTC());
        watch(neighbours);

        for (Neighbour neighbour : neighbours.all()) {
            missThreeTimes(neighbour);
            Waiting.until(LIMIT, () -> neighbour.absence().isEmpty(), "an answer of " + neighbour.name());
        }
        assertThat(neighbours.all())
                .extracting(Neighbour::name)
                .containsExactly("kafka", "schema-registry", "object-store", "catalog.iceberg", "catalog.rest");
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void noticesTheSchemaRegistry(FaultyLink.Fault fault) throws Exception {
        URI url = URI.create(addresses.schemaRegistryUrl());
        try (FaultyLink link = new FaultyLink(url.getHost(), url.getPort())) {
            settings.put("firn.schema-registry.url", "http://127.0.0.1:%d%s".formatted(link.port(), url.getPath()));
            goesAndComesBack("schema-registry", link, fault);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void noticesTheObjectStore(FaultyLink.Fault fault) throws Exception {
        URI url = URI.create(addresses.s3Endpoint());
        try (FaultyLink link = new FaultyLink(url.getHost(), url.getPort())) {
            settings.put("firn.s3.endpoint", "http://127.0.0.1:" + link.port());
            goesAndComesBack("object-store", link, fault);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void noticesACatalog(FaultyLink.Fault fault) throws Exception {
        try (FaultyLink link =
                new FaultyLink("127.0.0.1", restCatalog.getAddress().getPort())) {
            settings.put("firn.catalogs.rest.uri", restUri(link.port()));
            goesAndComesBack("catalog.rest", link, fault);
        }
    }

    /// Clients learn the broker's own address from it, so only the first contact goes through the link.
    @ParameterizedTest
    @EnumSource(
            value = FaultyLink.Fault.class,
            names = {"REFUSE", "HANG"})
    void noticesTheBroker(FaultyLink.Fault fault) throws Exception {
        URI broker = URI.create("kafka://" + addresses.bootstrapServers());
        try (FaultyLink link = new FaultyLink(broker.getHost(), broker.getPort())) {
            settings.put("firn.kafka.bootstrap-servers", "127.0.0.1:" + link.port());
            link.fail(fault);
            Neighbour watched = watched("kafka");
            Waiting.until(LIMIT, () -> watched.absence().isPresent(), "the absence");

            link.heal();
            Waiting.until(LIMIT, () -> watched.absence().isEmpty(), "the return");
        }
    }

    @Test
    void takesARegistryWithoutItsSchemasForAway() {
        settings.put("firn.namespace", TestStack.namespace());
        Neighbour watched = watched("schema-registry");

        Waiting.until(LIMIT, () -> watched.absence().isPresent(), "the absence");
        assertThat(watched.absence().orElseThrow().reason()).isEqualTo("it does not have Firn's schemas");
    }

    private void goesAndComesBack(String name, FaultyLink link, FaultyLink.Fault fault) {
        Neighbour watched = watched(name);
        missThreeTimes(watched);
        Waiting.until(LIMIT, () -> watched.absence().isEmpty(), "the first answer");

        link.fail(fault);
        Waiting.until(LIMIT, () -> watched.absence().isPresent(), "the absence");
        assertThat(watched.absence().orElseThrow().reason()).doesNotContain("127.0.0.1");

        link.heal();
        Waiting.until(LIMIT, () -> watched.absence().isEmpty(), "the return");
    }

    private Neighbour watched(String name) {
        Neighbours neighbours = new Neighbours(config(), Clock.systemUTC());
        watch(neighbours);
        return neighbours.all().stream()
                .filter(neighbour -> neighbour.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void watch(Neighbours neighbours) {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Catalogs catalogs = lifecycle.opened(CatalogFactory.open(config(), metrics));
        neighbours.watch(lifecycle, catalogs, metrics);
    }

    private static void missThreeTimes(Neighbour neighbour) {
        for (int i = 0; i < 3; i++) {
            neighbour.missed("not asked yet");
        }
    }

    private FirnConfig config() {
        return Settings.load(Map.of(), settings);
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String restUri(int port) {
        return "http://127.0.0.1:" + port;
    }
}
