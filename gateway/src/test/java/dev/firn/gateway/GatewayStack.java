package dev.firn.gateway;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.TextTable;
import dev.firn.testkit.Trino;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/// A namespace with a registration service and a worker of its own, once per JVM, and a table to read.
final class GatewayStack {
    static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int PARTITIONS = 2;
    private static @Nullable GatewayStack shared;

    final Namespace namespace = new Namespace(TestStack.namespace());
    final StackAddresses addresses = TestStack.shared().addresses();
    final Path folder;
    final Trino trino = TestStack.shared().trino();
    final String schema = trino.newSchema();

    private GatewayStack() {
        try {
            folder = Files.createTempDirectory("firn-gateway-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        prepare();
        trino.createTable(
                table(),
                "customer_id bigint, updated_at timestamp(6) with time zone, total_orders bigint, avg_order_value double",
                TextTable.of("""
                        customer_id | updated_at               | total_orders | avg_order_value
                        1           | 2026-01-01 00:00:00 UTC  | 10           | 1.5
                        1           | 2026-02-01 00:00:00 UTC  | 11           | 2.5
                        2           | 2026-01-01 00:00:00 UTC  | 20           | 3.5
                        """));
        ServiceChild registration = ServiceChild.start(
                "dev.firn.registration.RegistrationService",
                "400m",
                properties(StackUser.REGISTRATION_SERVICE),
                log("registration-service"));
        ServiceChild worker = ServiceChild.start(
                "dev.firn.retrieval.RetrievalWorker",
                "400m",
                properties(StackUser.RETRIEVAL_WORKER),
                log("retrieval-worker"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            worker.close();
            registration.close();
        }));
    }

    static synchronized GatewayStack shared() {
        if (shared == null) {
            shared = new GatewayStack();
        }
        return shared;
    }

    String table() {
        return "iceberg.%s.customer_aggregates".formatted(schema);
    }

    Path log(String service) {
        return TestStack.shared().folder().resolve("logs").resolve("%s-%s.log".formatted(service, namespace.name()));
    }

    private void prepare() {
        TopicCatalogue catalogue = TopicCatalogue.of(namespace, PARTITIONS, PARTITIONS);
        if (TestStack.shared().isSecured()) {
            try (Admin admin = Admin.create(addresses.kafkaProperties(StackUser.ADMIN))) {
                Grants.createAndAwait(admin, namespace, Grants.namesakes(), LIMIT);
            }
        }
        try (Admin deployer = Admin.create(addresses.kafkaProperties(StackUser.DEPLOYER));
                SchemaRegistrar registrar =
                        new SchemaRegistrar(Map.of("schema.registry.url", addresses.schemaRegistryUrl()))) {
            new TopicCreator(deployer, -1, LIMIT).create(catalogue);
            registrar.register(catalogue);
        }
    }

    /// The settings of a service in this namespace.
    Map<String, String> properties(StackUser user, String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("firn.namespace", namespace.name());
        addresses
                .kafkaProperties(user)
                .forEach((name, value) -> properties.put("firn.kafka.properties." + name, value.toString()));
        properties.put("firn.kafka.bootstrap-servers", addresses.bootstrapServers());
        properties.put("firn.kafka.create-topics", "false");
        properties.put("firn.kafka.retrieval-partitions", Integer.toString(PARTITIONS));
        properties.put("firn.kafka.partitions", Integer.toString(PARTITIONS));
        properties.put("firn.schema-registry.url", addresses.schemaRegistryUrl());
        properties.put("firn.trino.host", addresses.trinoHost());
        properties.put("firn.trino.port", Integer.toString(addresses.trinoPort()));
        properties.put("firn.trino.user", addresses.trinoUser());
        properties.put("firn.s3.endpoint", addresses.s3Endpoint());
        properties.put("firn.s3.path-style-access", "true");
        properties.put("firn.s3.region", addresses.region());
        properties.put("firn.s3.access-key-id", addresses.accessKey());
        properties.put("firn.s3.secret-access-key", addresses.secretKey());
        addresses
                .icebergCatalogProperties()
                .forEach((name, value) -> properties.put("firn.catalogs.iceberg." + name, value));
        properties.put("firn.access.catalogs", "iceberg");
        properties.put("firn.access.target-schemas", "iceberg." + schema);
        properties.put("firn.access.spine-locations", "s3://lake/spines/" + namespace.name());
        properties.put("firn.results.location", "s3://lake/results");
        properties.put("firn.state.folder", folder.resolve("state").toString());
        properties.put("firn.refresh.poll-interval", "500ms");
        properties.put("firn.http.port", "0");
        properties.put("firn.gateway.port", "0");
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return properties;
    }

    FirnConfig config(String... more) {
        return Settings.load(Map.of(), properties(StackUser.GATEWAY, more));
    }

    /// A gateway in this JVM.
    GatewayRuntime gateway(String... more) {
        return GatewayRuntime.start(config(more), Clock.systemUTC());
    }

    /// The architecture's body, for a view of the table.
    String registration(String view) {
        return """
                {
                  "name": "%s",
                  "entities": ["customer_id"],
                  "features": [
                    {"name": "total_orders", "dtype": "int64"},
                    {"name": "avg_order_value", "dtype": "float64"}
                  ],
                  "source": {
                    "catalog": "iceberg",
                    "schema": "%s",
                    "table_name": "customer_aggregates",
                    "timestamp_field": "updated_at"
                  },
                  "online": false
                }
                """.formatted(view, schema);
    }
}
