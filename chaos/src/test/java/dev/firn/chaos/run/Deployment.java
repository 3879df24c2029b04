package dev.firn.chaos.run;

import dev.firn.chaos.store.FaultPlan;
import dev.firn.chaos.store.FaultyStore;
import dev.firn.embedded.StackAddresses;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Namespace;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.TestStack;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Firn on the stack, in a namespace of its own, with something between it and each neighbour that can break:
/// the store before S3, a link before Trino and one before the schema registry.
final class Deployment implements AutoCloseable {
    static final int PARTITIONS = Integer.getInteger("firn.chaos.partitions", 4);
    static final Path LOGS = Path.of("target", "chaos", "logs");

    final Namespace namespace = new Namespace(TestStack.namespace());
    final TestStack stack;
    final FaultyStore store;
    final FaultyLink trino;
    final FaultyLink registry;
    /// The store of spines and results, without faults.
    final Storage storage;
    private final ResultStoreAddress results;

    /// @param results where spines and results lie. Tables lie in the stack's own store, where Trino writes
    /// them
    Deployment(TestStack stack, ResultStoreAddress results) {
        this.stack = stack;
        this.results = results;
        StackAddresses addresses = stack.addresses();
        URI schemas = URI.create(addresses.schemaRegistryUrl());
        store = new FaultyStore(results.endpoint());
        trino = new FaultyLink(addresses.trinoHost(), addresses.trinoPort());
        registry = new FaultyLink(schemas.getHost(), schemas.getPort());
        storage = Storage.open(results.properties());
    }

    ServiceUnderTest registrationService() {
        return service("registration-service", "dev.firn.registration.RegistrationService", Map.of());
    }

    ServiceUnderTest worker(Map<String, String> more) {
        return service("retrieval-worker", "dev.firn.retrieval.RetrievalWorker", more);
    }

    private ServiceUnderTest service(String name, String mainClass, Map<String, String> more) {
        Map<String, String> settings = settings();
        settings.putAll(more);
        return ServiceUnderTest.start(mainClass, settings, LOGS.resolve(namespace.name() + "-" + name + ".log"));
    }

    /// Short timeouts, because they set the pace of the suite.
    private Map<String, String> settings() {
        StackAddresses addresses = stack.addresses();
        Map<String, String> settings = new HashMap<>();
        settings.put("firn.namespace", namespace.name());
        settings.put("firn.kafka.bootstrap-servers", addresses.bootstrapServers());
        settings.put("firn.kafka.retrieval-partitions", Integer.toString(PARTITIONS));
        settings.put("firn.kafka.partitions", "2");
        settings.put("firn.kafka.properties.session.timeout.ms", "6000");
        settings.put("firn.kafka.properties.heartbeat.interval.ms", "1000");
        settings.put(
                "firn.schema-registry.url",
                "http://127.0.0.1:%d%s"
                        .formatted(
                                registry.port(),
                                URI.create(addresses.schemaRegistryUrl()).getPath()));
        settings.put("firn.trino.host", "127.0.0.1");
        settings.put("firn.trino.port", Integer.toString(trino.port()));
        settings.put("firn.trino.user", addresses.trinoUser());
        settings.put("firn.trino.query-timeout", "2s");
        settings.put("firn.s3.endpoint", store.endpoint());
        settings.put("firn.s3.path-style-access", "true");
        settings.put("firn.s3.region", addresses.region());
        settings.put("firn.s3.access-key-id", results.accessKey());
        settings.put("firn.s3.secret-access-key", results.secretKey());
        addresses
                .icebergCatalogProperties()
                .forEach((name, value) -> settings.put("firn.catalogs.iceberg." + name, value));
        if (results.equals(ResultStoreAddress.of(addresses))) {
            settings.put("firn.catalogs.iceberg.s3.endpoint", store.endpoint());
        }
        for (String prefix : new String[] {"firn.s3.properties.", "firn.catalogs.iceberg."}) {
            settings.put(prefix + "s3.retry.min-wait-ms", "10");
            settings.put(prefix + "s3.retry.max-wait-ms", "100");
        }
        settings.put("firn.access.catalogs", "iceberg");
        settings.put("firn.access.spine-locations", spines());
        settings.put("firn.results.location", "s3://" + StackAddresses.BUCKET + "/results");
        settings.put(
                "firn.state.folder",
                Path.of("target", "chaos", "state-" + namespace.name())
                        .toAbsolutePath()
                        .toString());
        settings.put("firn.registration.retry-backoff", "50ms");
        settings.put("firn.registration.retry-backoff-max", "500ms");
        settings.put("firn.refresh.poll-interval", System.getProperty("firn.chaos.poll-interval", "1s"));
        settings.put("firn.retrieval.retry-backoff", "50ms");
        settings.put("firn.retrieval.retry-backoff-max", "500ms");
        return settings;
    }

    String spines() {
        return "s3://%s/spines/%s".formatted(StackAddresses.BUCKET, namespace.name());
    }

    /// Ends all faults of all neighbours.
    void heal() {
        store.plan(FaultPlan.NONE);
        store.holds().releaseAll();
        store.applyLate();
        trino.heal();
        registry.heal();
    }

    @Override
    public void close() {
        heal();
        storage.close();
        trino.close();
        registry.close();
        store.close();
    }
}
