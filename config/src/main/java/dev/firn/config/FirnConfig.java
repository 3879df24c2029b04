package dev.firn.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The settings of both services and the command line.
///
/// Each is read from, strongest first: system properties, environment variables (`firn.trino.host` is
/// `FIRN_TRINO_HOST`), and the properties file that `firn.config` (`FIRN_CONFIG`) names. The mission's variables
/// (`S3_BUCKET`, `TRINO_HOST`, …) are the defaults of the settings they belong to. Immutable and thread-safe.
@ConfigMapping(prefix = "firn")
public interface FirnConfig {
    @Doc(
            "Keeps deployments on one cluster apart: prefix of topics, application, group, transactional and client ids, results and state folders.")
    @WithDefault("firn")
    String namespace();

    Kafka kafka();

    SchemaRegistry schemaRegistry();

    Trino trino();

    S3 s3();

    @Doc(
            "Iceberg catalogs under the names that Trino gives them: `firn.catalogs.<name>.<property>` with Iceberg's own properties (`type` or `catalog-impl`, `uri`, `warehouse`, `token`, …). Those of `firn.s3` are added where a catalog does not set them.")
    Map<String, Map<String, String>> catalogs();

    @Doc("Longest a call to a catalog may take, its retries included, before that counts as an outage.")
    @WithDefault("20s")
    @Range(min = 100)
    Duration catalogTimeout();

    Access access();

    Results results();

    State state();

    Registration registration();

    Refresh refresh();

    Retrieval retrieval();

    Http http();

    @Doc("The Kafka cluster.")
    interface Kafka {
        @Doc("Brokers to start from.")
        @WithDefault("${KAFKA_BOOTSTRAP_SERVERS:localhost:9092}")
        String bootstrapServers();

        @Doc(
                "Any property of Kafka's clients, passed through: `firn.kafka.properties.security.protocol`, `….sasl.jaas.config`, …")
        Map<String, String> properties();

        @Doc("Creates missing topics and registers schemas at start. Off: a missing one stops the service.")
        @WithDefault("true")
        boolean createTopics();

        @Doc("Replication factor of topics Firn creates; -1 takes the broker's default.")
        @WithDefault("-1")
        @Range(min = -1, max = 32)
        int replicationFactor();

        @Doc("Partitions of retrieval-requests and retrieval-runs: the most workers that can share the load.")
        @WithDefault("48")
        @Range(min = 1, max = 10_000)
        int retrievalPartitions();

        @Doc("Partitions of all other topics.")
        @WithDefault("6")
        @Range(min = 1, max = 10_000)
        int partitions();
    }

    @Doc("The schema registry, with Confluent's API.")
    interface SchemaRegistry {
        @Doc("Address; several, comma-separated, are tried in turn.")
        @WithDefault("${SCHEMA_REGISTRY_URL:http://localhost:8081}")
        String url();

        @Doc(
                "Any of Confluent's serializer properties, passed through: `firn.schema-registry.properties.basic.auth.user.info`, …")
        Map<String, String> properties();
    }

    @Doc("Trino, which validates registrations.")
    interface Trino {
        @Doc("Host.")
        @WithDefault("${TRINO_HOST:localhost}")
        String host();

        @Doc("Port.")
        @WithDefault("${TRINO_PORT:8080}")
        @Range(min = 1, max = 65_535)
        int port();

        @Doc("User that asks.")
        @WithDefault("${TRINO_USER:firn}")
        String user();

        @Doc("Catalog of sources that name none, on the command line.")
        @WithDefault("${TRINO_CATALOG:iceberg}")
        String catalog();

        @Doc("Schema of sources that name none, on the command line.")
        @WithDefault("${GOLD_SCHEMA:gold}")
        String schema();

        @Doc(
                "Any property of Trino's JDBC driver, passed through: `firn.trino.properties.SSL`, `….password`, `….accessToken`, …")
        Map<String, String> properties();

        @Doc("Longest a single query may take.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration queryTimeout();
    }

    @Doc("S3, for spines and results, and for catalogs that do not say otherwise.")
    interface S3 {
        @Doc("Region.")
        @WithDefault("${AWS_REGION:us-east-1}")
        String region();

        @Doc("Address of a store that is not AWS.")
        Optional<String> endpoint();

        @Doc("Puts the bucket into the path instead of the host name; most stores that are not AWS need it.")
        @WithDefault("false")
        boolean pathStyleAccess();

        @Doc(value = "Access key. Without it AWS's default chain of credentials is asked.", secret = true)
        @WithDefault("${AWS_ACCESS_KEY_ID:}")
        Optional<String> accessKeyId();

        @Doc(value = "Secret key.", secret = true)
        @WithDefault("${AWS_SECRET_ACCESS_KEY:}")
        Optional<String> secretAccessKey();

        @Doc("Any further property of Iceberg's S3FileIO, passed through: `firn.s3.properties.s3.sse.type`, …")
        Map<String, String> properties();
    }

    @Doc("What requests may touch.")
    interface Access {
        @Doc("Catalogs whose tables may be read.")
        @WithDefault("${TRINO_CATALOG:iceberg}")
        List<String> catalogs();

        @Doc("Schemas that may be read, as `catalog.schema`. Not set: all of the allowed catalogs.")
        Optional<List<String>> schemas();

        @Doc("Locations below which spines may lie.")
        @WithDefault("s3://${S3_BUCKET:firn}/${S3_ICEBERG_BASE_PATH:iceberg/gold}")
        List<String> spineLocations();

        @Doc(
                "Catalogs in which requests may keep the snapshots they read, with `retain`: by tags, the only thing that Firn ever writes to a catalog. Not set: none.")
        Optional<List<String>> retainCatalogs();
    }

    @Doc("Where results go.")
    interface Results {
        @Doc("Location below which results are written, in a folder named by the namespace.")
        @WithDefault("s3://${S3_BUCKET:firn}/firn-results")
        String location();

        @Doc("Rows of a Parquet file of a result, at most.")
        @WithDefault("1000000")
        @Range(min = 1)
        int rowsPerFile();
    }

    @Doc("Local state, which Kafka can restore.")
    interface State {
        @Doc("Folder of the Streams state stores.")
        @WithDefault("${FEAST_REPO_PATH:firn-state}")
        Path folder();
    }

    @Doc("Registrations.")
    interface Registration {
        @Doc("Stream threads of one service.")
        @WithDefault("1")
        @Range(min = 1, max = 64)
        int streamThreads();

        @Doc("Validations that may ask Trino and the catalog at once.")
        @WithDefault("8")
        @Range(min = 1, max = 256)
        int validationThreads();

        @Doc(
                "How long a registration may wait for Trino or the catalog to come back, from its acceptance; then it is answered VALIDATION_UNAVAILABLE. As long may the schema registry refuse one schema while it serves others; then its records are dead letters.")
        @WithDefault("5m")
        @Range(min = 100)
        Duration validationDeadline();

        @Doc("First pause before a validation is tried again; doubles up to retry-backoff-max.")
        @WithDefault("250ms")
        @Range(min = 1)
        Duration retryBackoff();

        @Doc("Longest pause before a validation is tried again.")
        @WithDefault("15s")
        @Range(min = 1)
        Duration retryBackoffMax();

        @Doc("Registrations of one view that may wait; more are answered OVERLOADED.")
        @WithDefault("100")
        @Range(min = 1, max = 100_000)
        int maxPendingPerView();

        @Doc("Registrations of one partition that may wait; more are answered OVERLOADED.")
        @WithDefault("10000")
        @Range(min = 1, max = 1_000_000)
        int maxPending();

        @Doc("Answered request ids kept per view, so that a retry gets the answer it had.")
        @WithDefault("100")
        @Range(min = 1, max = 10_000)
        int answeredIdsPerView();

        @Doc("How long a dropped view's record stays before its tombstone.")
        @WithDefault("30d")
        @Range(min = 1000)
        Duration tombstoneAfter();

        @Doc("How often verdicts are applied and due work is started.")
        @WithDefault("25ms")
        @Range(min = 1, max = 60_000)
        Duration tick();

        @Doc("Longest the query behind the warnings may take; 0 turns it off.")
        @WithDefault("2s")
        @Range(min = 0)
        Duration warningQueryTimeout();

        @Doc("Rows the query behind the warnings looks at, at most.")
        @WithDefault("1000000")
        @Range(min = 1)
        long warningQueryRows();
    }

    @Doc("Commit-triggered refresh.")
    interface Refresh {
        @Doc("How often each table's catalog entry is looked at, without a hint.")
        @WithDefault("30s")
        @Range(min = 50)
        Duration pollInterval();

        @Doc("Tables that are looked at at once.")
        @WithDefault("4")
        @Range(min = 1, max = 256)
        int pollThreads();

        @Doc("Longest one look may take before it counts as an outage.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration pollTimeout();

        @Doc("When a run of a standing retrieval without an answer is issued again.")
        @WithDefault("1h")
        @Range(min = 100)
        Duration runTimeout();
    }

    @Doc("Retrieval workers.")
    interface Retrieval {
        @Doc("Retrievals one worker runs at once; runs of standing retrievals take half of them at most.")
        @WithDefault("2")
        @Range(min = 1, max = 256)
        int slots();

        @Doc("Threads one retrieval scans with. Not set: one per core.")
        OptionalInt scanThreads();

        @Doc("Memory that all retrievals of a worker may count on together, in bytes. Not set: half of the heap.")
        Optional<Long> memoryBudgetBytes();

        @Doc("Attempts of a request before it is answered ATTEMPTS_EXHAUSTED.")
        @WithDefault("5")
        @Range(min = 1, max = 100)
        int maxAttempts();

        @Doc("First pause before a fault of a neighbour is tried again; doubles up to retry-backoff-max.")
        @WithDefault("500ms")
        @Range(min = 1)
        Duration retryBackoff();

        @Doc("Longest pause before a fault of a neighbour is tried again.")
        @WithDefault("30s")
        @Range(min = 1)
        Duration retryBackoffMax();

        @Doc(
                "How long one attempt goes on while a neighbour (catalog, store, registry) or the memory it needs is away; then it counts as spent. As long may the schema registry refuse one schema while it serves others; then its records are dead letters.")
        @WithDefault("15m")
        @Range(min = 100)
        Duration outageLimit();

        @Doc(
                "How long snapshots are kept that a request wants kept with `retain`: the age that its tags bear. Not set: until somebody removes the tags.")
        @Range(min = 1_000)
        Optional<Duration> retainFor();

        @Doc("How long a request waits for the registry to catch up before that counts as a fault.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration resolveTimeout();

        @Doc("How long a retrieval waits for memory that others hold before that counts as a fault.")
        @WithDefault("10m")
        @Range(min = 100)
        Duration memoryTimeout();

        @Doc("Longest that writing an answer to its topic may take before it is written again.")
        @WithDefault("60s")
        @Range(min = 100)
        Duration answerTimeout();

        @Doc("Views one request may use.")
        @WithDefault("50")
        @Range(min = 1, max = 10_000)
        int maxViews();

        @Doc("Columns one result may have.")
        @WithDefault("2000")
        @Range(min = 1, max = 100_000)
        int maxColumns();

        @Doc("Rows a spine may have.")
        @WithDefault("1000000000")
        @Range(min = 1)
        long maxSpineRows();
    }

    @Doc("Health and metrics: /health/live, /health/ready, /metrics (Prometheus).")
    interface Http {
        @Doc("Address to listen on.")
        @WithDefault("127.0.0.1")
        String host();

        @Doc("Port; 0 takes a free one and logs it.")
        @WithDefault("9464")
        @Range(min = 0, max = 65_535)
        int port();
    }
}
