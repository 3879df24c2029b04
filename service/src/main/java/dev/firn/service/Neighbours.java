package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.Topic;
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/// The neighbours of a service, and how each is checked: the broker, the schema registry, the object store, each
/// catalog, and what a service adds. Thread-safe.
public final class Neighbours {
    /// Exists in no deployment. That it does not exist is an answer too, and a small one.
    private static final String PROBED_FILE = "/_health";

    private static final String DEFAULT_SCHEMA = "firn_health";

    private final FirnConfig config;
    private final Clock clock;
    private final List<Neighbour> required = new CopyOnWriteArrayList<>();
    private final List<Neighbour> catalogs;
    private final Neighbour broker;
    private final Neighbour schemaRegistry;
    private final Neighbour objectStore;

    public Neighbours(FirnConfig config, Clock clock) {
        this(config, clock, config.access().catalogs());
    }

    /// The neighbours of a service that does not use the catalogs.
    public static Neighbours withoutCatalogs(FirnConfig config, Clock clock) {
        return new Neighbours(config, clock, List.of());
    }

    private Neighbours(FirnConfig config, Clock clock, List<String> used) {
        this.config = config;
        this.clock = clock;
        this.broker = require("kafka");
        this.schemaRegistry = require("schema-registry");
        this.objectStore = require("object-store");
        this.catalogs = used.stream()
                .filter(config.catalogs()::containsKey)
                .sorted()
                .map(catalog -> neighbour("catalog." + catalog))
                .toList();
    }

    /// Adds a neighbour without which the service cannot do its work.
    public Neighbour require(String name) {
        Neighbour neighbour = neighbour(name);
        required.add(neighbour);
        return neighbour;
    }

    public Neighbour broker() {
        return broker;
    }

    public Neighbour schemaRegistry() {
        return schemaRegistry;
    }

    public Neighbour objectStore() {
        return objectStore;
    }

    /// All of them, as `/health` lists them.
    List<Neighbour> all() {
        List<Neighbour> all = new ArrayList<>(required);
        all.addAll(catalogs);
        return all;
    }

    /// Whether work is possible: every required neighbour is there, and a catalog. A catalog that is away stops the
    /// requests for its own tables only.
    boolean allowWork() {
        return required.stream().allMatch(Neighbours::isThere)
                && (catalogs.isEmpty() || catalogs.stream().anyMatch(Neighbours::isThere));
    }

    /// Begins to check those that both services have.
    ///
    /// @param lifecycle closes the watch
    /// @return the watch, for what the service has added
    public NeighbourWatch watch(Lifecycle lifecycle, Catalogs lake, MeterRegistry metrics) {
        NeighbourWatch watch = watch(lifecycle, lake.storage(), metrics);
        for (Neighbour catalog : catalogs) {
            String name = catalog.name().substring("catalog.".length());
            String schema = schemaOf(name);
            watch.watch(catalog, () -> lake.check(name, schema));
        }
        return watch;
    }

    /// Begins to check all but the catalogs.
    public NeighbourWatch watch(Lifecycle lifecycle, Storage storage, MeterRegistry metrics) {
        Namespace namespace = new Namespace(config.namespace());
        Admin admin = lifecycle.opened(admin(namespace));
        SchemaRegistrar registrar = lifecycle.opened(registrar());
        NeighbourWatch watch = lifecycle.opened(new NeighbourWatch(config.health(), metrics));
        watch.watch(broker, () -> checkBroker(admin));
        watch.watch(schemaRegistry, () -> checkSchemas(registrar, namespace.topic(Topic.FEATURE_VIEWS)));
        String probed = ResultLayout.of(config).root() + PROBED_FILE;
        watch.watch(objectStore, () -> checkStore(storage, probed));
        return watch;
    }

    private Admin admin(Namespace namespace) {
        Map<String, Object> properties = new HashMap<>(Settings.kafkaProperties(config));
        properties.put(
                CommonClientConfigs.CLIENT_ID_CONFIG,
                namespace.clientId("health", UUID.randomUUID().toString().substring(0, 8)));
        return Admin.create(properties);
    }

    private SchemaRegistrar registrar() {
        Map<String, Object> properties = new HashMap<>(Settings.schemaRegistryProperties(config));
        properties.put("max.retries", 0);
        properties.put("http.connect.timeout.ms", config.health().checkTimeout().toMillis());
        properties.put("http.read.timeout.ms", config.health().checkTimeout().toMillis());
        return new SchemaRegistrar(properties);
    }

    /// Needs no right on the cluster.
    private void checkBroker(Admin admin) throws Exception {
        int limit = Math.toIntExact(config.health().checkTimeout().toMillis());
        if (admin.describeCluster(new DescribeClusterOptions().timeoutMs(limit))
                .nodes()
                .get()
                .isEmpty()) {
            throw new UnfitNeighbourException("no live broker");
        }
    }

    /// A registry that was restored empty answers, but no event can be read or written.
    private static void checkSchemas(SchemaRegistrar registrar, String topic) {
        if (!registrar.hasSubject(topic + "-value")) {
            throw new UnfitNeighbourException("it does not have Firn's schemas");
        }
    }

    private static void checkStore(Storage storage, String probed) {
        try {
            storage.read(probed, 1);
        } catch (LakeRejection answer) {
            if (answer.lakeCode() == LakeCode.STORE_REFUSED) {
                throw new UnfitNeighbourException("it refuses Firn's requests: check the region, endpoint and bucket");
            }
            // the file does not exist, may not be read or is too large: all are answers
        }
    }

    /// A schema that the service may read, if the settings name one: a catalog may refuse to say anything of others.
    private String schemaOf(String catalog) {
        return config.access().schemas().orElse(List.of()).stream()
                .filter(schema -> schema.startsWith(catalog + "."))
                .map(schema -> schema.substring(catalog.length() + 1))
                .findFirst()
                .orElse(DEFAULT_SCHEMA);
    }

    private Neighbour neighbour(String name) {
        return new Neighbour(name, Neighbour.Tolerance.of(config.health()), clock);
    }

    private static boolean isThere(Neighbour neighbour) {
        return neighbour.absence().isEmpty();
    }
}
