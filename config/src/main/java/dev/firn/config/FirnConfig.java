package dev.firn.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The settings of both services and the command line.
///
/// Settings are read from these sources, the first one winning: system properties, environment variables
/// (`FIRN_TRINO_HOST` for `firn.trino.host`), and the properties file named by `firn.config` (`FIRN_CONFIG`). The data
/// platform's variables (`S3_BUCKET`, `TRINO_HOST`, …) are the defaults of the matching settings. Immutable and
/// thread-safe.
@ConfigMapping(prefix = "firn")
public interface FirnConfig {
    @Doc(
            "Separates deployments that share a cluster: the prefix of topics, of application, group, transactional and client ids, and of the folders of results and state.")
    @WithDefault("firn")
    String namespace();

    Kafka kafka();

    SchemaRegistry schemaRegistry();

    Trino trino();

    S3 s3();

    @Doc(
            "Iceberg catalogs, named as in Trino: `firn.catalogs.<name>.<property>` with Iceberg's own properties (`type` or `catalog-impl`, `uri`, `warehouse`, `token`, …). Settings of `firn.s3` apply unless the catalog sets its own.")
    Map<String, Map<String, String>> catalogs();

    @Doc("Longest time for a call to a catalog, including retries. After that it counts as an outage.")
    @WithDefault("20s")
    @Range(min = 100)
    Duration catalogTimeout();

    @Doc("Maximum calls to one catalog at the same time; further ones wait, within"
            + " `firn.catalog-timeout`. A call that was given up counts until it ends.")
    @WithDefault("32")
    @Range(min = 1)
    int catalogCalls();

    Access access();

    Results results();

    State state();

    Feast feast();

    Registration registration();

    Refresh refresh();

    Hints hints();

    Retrieval retrieval();

    Cache cache();

    Gateway gateway();

    Http http();

    Health health();

    @Doc("The Kafka cluster.")
    interface Kafka {
        @Doc("Bootstrap brokers.")
        @WithDefault("${KAFKA_BOOTSTRAP_SERVERS:localhost:9092}")
        String bootstrapServers();

        @Doc(
                "Any property of Kafka's clients, passed through unchanged: `firn.kafka.properties.security.protocol`, `….sasl.jaas.config`, …")
        Map<String, String> properties();

        @Doc(
                "Properties file with `username` and `password`, read again at each login. For `sasl.mechanism` PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512; leave out `sasl.jaas.config` then.")
        Optional<Path> credentialsFile();

        @Doc(
                "Whether to create missing topics and register schemas at start. If false, a missing topic or schema stops the service.")
        @WithDefault("true")
        boolean createTopics();

        @Doc("How often a service compares its rights at the brokers with what it needs.")
        @WithDefault("60s")
        @Range(min = 100)
        Duration rightsInterval();

        @Doc("Replication factor of the topics that Firn creates; -1 uses the broker's default.")
        @WithDefault("-1")
        @Range(min = -1, max = 32)
        int replicationFactor();

        @Doc(
                "Partitions of retrieval-requests and retrieval-runs: the maximum number of workers that can share the load.")
        @WithDefault("48")
        @Range(min = 1, max = 10_000)
        int retrievalPartitions();

        @Doc("Partitions of all topics except retrieval-requests and retrieval-runs.")
        @WithDefault("6")
        @Range(min = 1, max = 10_000)
        int partitions();
    }

    @Doc("The schema registry, which has Confluent's API.")
    interface SchemaRegistry {
        @Doc("Address. Several, separated by commas, are tried in turn.")
        @WithDefault("${SCHEMA_REGISTRY_URL:http://localhost:8081}")
        String url();

        @Doc("Properties file with `username` and `password`, or with `token`, read again at each call.")
        Optional<Path> credentialsFile();

        @Doc(
                "Any property of Confluent's serializers, passed through unchanged: `firn.schema-registry.properties.basic.auth.user.info`, …")
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

        @Doc("User that runs the queries.")
        @WithDefault("${TRINO_USER:firn}")
        String user();

        @Doc(
                "Properties file with `password`, or with `token` for an access token, and, if it is not `firn.trino.user`, `username`; read again at each query.")
        Optional<Path> credentialsFile();

        @Doc("Default catalog of sources, on the command line.")
        @WithDefault("${TRINO_CATALOG:iceberg}")
        String catalog();

        @Doc("Default schema of sources, on the command line.")
        @WithDefault("${GOLD_SCHEMA:gold}")
        String schema();

        @Doc(
                "Any property of Trino's JDBC driver, passed through unchanged: `firn.trino.properties.SSL`, `….password`, `….accessToken`, …")
        Map<String, String> properties();

        @Doc("Longest time for a query.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration queryTimeout();
    }

    @Doc("S3, for spines, results, and catalogs without settings of their own.")
    interface S3 {
        @Doc("Region.")
        @WithDefault("${AWS_REGION:us-east-1}")
        String region();

        @Doc("Address of an S3-compatible store other than AWS.")
        Optional<String> endpoint();

        @Doc("Whether to put the bucket in the path instead of the host name. Most stores other than AWS need it.")
        @WithDefault("false")
        boolean pathStyleAccess();

        @Doc(value = "Access key. If not set, AWS's default credentials chain is used.", secret = true)
        @WithDefault("${AWS_ACCESS_KEY_ID:}")
        Optional<String> accessKeyId();

        @Doc(value = "Secret key.", secret = true)
        @WithDefault("${AWS_SECRET_ACCESS_KEY:}")
        Optional<String> secretAccessKey();

        @Doc("How long the read of a part of a file is repeated when the store does not send it"
                + " whole, before the retrieval starts again; 0 tries once.")
        @WithDefault("30s")
        @Range(min = 0)
        Duration readRetryLimit();

        @Doc("Any other property of Iceberg's S3FileIO, passed through unchanged: `firn.s3.properties.s3.sse.type`, …")
        Map<String, String> properties();
    }

    @Doc("What requests may access.")
    interface Access {
        @Doc("Catalogs whose tables requests may read.")
        @WithDefault("${TRINO_CATALOG:iceberg}")
        List<String> catalogs();

        @Doc("Schemas that requests may read, as `catalog.schema`. If not set, all schemas of the allowed catalogs.")
        Optional<List<String>> schemas();

        @Doc("Locations under which requests may read spines.")
        @WithDefault("s3://${S3_BUCKET:firn}/${S3_ICEBERG_BASE_PATH:iceberg/gold}")
        List<String> spineLocations();

        @Doc(
                "Locations under which files of tables may be read: metadata, manifests, data and delete files. Applies to all catalogs. If not set, each table's own location and its catalog's `warehouse`; if set, only these. Set it if owners of tables may change a table's location, and for imported tables whose files are elsewhere.")
        Optional<List<String>> dataLocations();

        @Doc(
                "Catalogs in which requests with `retain` may keep the snapshots they read. Firn tags these snapshots. If not set, none.")
        Optional<List<String>> retainCatalogs();

        @Doc(
                "Schemas in which requests may have their result written as an Iceberg table (`target`), as `catalog.schema`. Firn creates these tables, and writes to no others. If not set, none.")
        Optional<List<String>> targetSchemas();
    }

    @Doc("Where results go.")
    interface Results {
        @Doc("Location under which results are written, in a folder named after the namespace.")
        @WithDefault("s3://${S3_BUCKET:firn}/firn-results")
        String location();

        @Doc(
                "Location under which the inline spines of standing retrievals are kept, in a folder named after the namespace. If not set, the folder `firn-spines` beside the results location. No life-cycle rule of the store may delete there: a standing retrieval needs its spine for as long as it stands.")
        Optional<String> spinesLocation();

        @Doc("Maximum rows of one Parquet file of a result.")
        @WithDefault("1000000")
        @Range(min = 1)
        int rowsPerFile();

        @Doc("How often workers sweep up what attempts left behind: files of tries that did not"
                + " decide, multipart uploads that were never completed, and probes. One worker does it"
                + " each time. 0 for never.")
        @WithDefault("6h")
        @Range(min = 0)
        Duration sweepInterval();

        @Doc("How old a file that no result names must be before a sweep deletes it. Must exceed the"
                + " time it takes to write one file of a result.")
        @WithDefault("1d")
        @Range(min = 3_600_000)
        Duration leftoversAfter();

        @Doc("How long a result and its manifest are kept. Then a sweep deletes both. Results of"
                + " standing retrievals are kept (see replaced-ttl). At least 8 days, because a request can"
                + " be delivered again for 7 days, and must find its manifest. If not set, results are kept"
                + " until someone deletes them.")
        @Range(min = 691_200_000)
        Optional<Duration> ttl();

        @Doc("How long a result of a standing retrieval is kept after a newer run has replaced it,"
                + " counted from the outcome of a run that no longer starts from it. Then a sweep deletes"
                + " it with its state, its changes and its manifest. The last successful run is kept, and"
                + " what a run may start from. At least 8 days, like `firn.results.ttl`. If not set,"
                + " replaced results are kept until someone deletes them.")
        @Range(min = 691_200_000)
        Optional<Duration> replacedTtl();

        @Doc(
                "How long rows that clients of the gateway sent as a body are kept after their last use. Then a gateway deletes those that no result and no standing retrieval names. At least 8 days, like `firn.results.ttl`. If not set, they are kept. Deployments that share `firn.results.spines-location` share these rows, and each knows only its own results: do not set it there.")
        @Range(min = 691_200_000)
        Optional<Duration> uploadsTtl();
    }

    @Doc("Local state, which is restored from Kafka if it is lost.")
    interface State {
        @Doc("Folder of the Kafka Streams state stores.")
        @WithDefault("firn-state")
        Path folder();

        @Doc("Memory outside the heap that all state stores of a registration service share, in"
                + " bytes: half of it for what is written, the rest for what is read.")
        @WithDefault("134217728")
        @Range(min = 16_777_216)
        long memoryBytes();
    }

    @Doc("The Feast repository of this deployment.")
    interface Feast {
        @Doc(
                "Folder to which `firn feast init` writes feature_store.yaml and the registered views as definitions of Feast.")
        @WithDefault("${FEAST_REPO_PATH:feast_repo}")
        Path repoFolder();
    }

    @Doc("Registrations.")
    interface Registration {
        @Doc("Kafka Streams threads of one service.")
        @WithDefault("1")
        @Range(min = 1, max = 64)
        int streamThreads();

        @Doc("Validations that may query Trino and the catalog at the same time.")
        @WithDefault("8")
        @Range(min = 1, max = 256)
        int validationThreads();

        @Doc(
                "How long after its acceptance a registration waits for Trino or the catalog to come back. Then it is answered VALIDATION_UNAVAILABLE. Also how long the schema registry may refuse one schema while it serves others. Then records with that schema become dead letters.")
        @WithDefault("5m")
        @Range(min = 100)
        Duration validationDeadline();

        @Doc("First pause before a validation is retried. It doubles up to retry-backoff-max.")
        @WithDefault("250ms")
        @Range(min = 1)
        Duration retryBackoff();

        @Doc("Longest pause before a validation is retried.")
        @WithDefault("15s")
        @Range(min = 1)
        Duration retryBackoffMax();

        @Doc("Maximum registrations of one view that may wait. Further ones are answered OVERLOADED.")
        @WithDefault("100")
        @Range(min = 1, max = 100_000)
        int maxPendingPerView();

        @Doc("Maximum registrations of one partition that may wait. Further ones are answered OVERLOADED.")
        @WithDefault("10000")
        @Range(min = 1, max = 1_000_000)
        int maxPending();

        @Doc("Maximum bytes of the registrations of one partition that may wait. Further ones are answered OVERLOADED.")
        @WithDefault("67108864")
        @Range(min = 1_048_576)
        long maxPendingBytes();

        @Doc(
                "Maximum records of one partition of an input that may wait for the schema registry. Then the service stops reading until it answers.")
        @WithDefault("10000")
        @Range(min = 1, max = 1_000_000)
        int maxUndecoded();

        @Doc(
                "Maximum bytes of the records of one partition of an input that may wait for the schema registry. Then the service stops reading until it answers.")
        @WithDefault("67108864")
        @Range(min = 1_048_576)
        long maxUndecodedBytes();

        @Doc("Maximum views of one partition, not counting dropped ones. Names are spread evenly over"
                + " `firn.kafka.partitions` partitions. A further view is rejected with TOO_MANY_VIEWS.")
        @WithDefault("10000")
        @Range(min = 1, max = 1_000_000)
        int maxViews();

        @Doc("Maximum standing retrievals of one partition, not counting cancelled ones. Ids are"
                + " spread evenly over `firn.kafka.partitions` partitions. A further one is refused with"
                + " TOO_MANY_STANDING_RETRIEVALS.")
        @WithDefault("10000")
        @Range(min = 1, max = 1_000_000)
        int maxStandingRetrievals();

        @Doc("Answered request ids that are kept for each view, so that a resent request gets the same answer.")
        @WithDefault("100")
        @Range(min = 1, max = 10_000)
        int answeredIdsPerView();

        @Doc(
                "How long the record of a dropped view or a cancelled standing retrieval is kept whole. Then it is cut to its name, version and status, and the answers about it are forgotten.")
        @WithDefault("30d")
        @Range(min = 1000)
        Duration tombstoneAfter();

        @Doc("How often the service applies verdicts and starts due work.")
        @WithDefault("25ms")
        @Range(min = 1, max = 60_000)
        Duration tick();

        @Doc("Longest time for the query that finds warnings about the data; 0 turns it off.")
        @WithDefault("2s")
        @Range(min = 0)
        Duration warningQueryTimeout();

        @Doc("Maximum rows that the query for warnings reads.")
        @WithDefault("1000000")
        @Range(min = 1)
        long warningQueryRows();
    }

    @Doc("Refresh triggered by commits.")
    interface Refresh {
        @Doc("How often each table is checked for new commits, unless a hint comes earlier.")
        @WithDefault("30s")
        @Range(min = 50)
        Duration pollInterval();

        @Doc(
                "Tables of one catalog that are checked at the same time. Each catalog has threads of its own, so that a slow one does not hold back the others.")
        @WithDefault("4")
        @Range(min = 1, max = 256)
        int pollThreads();

        @Doc("Longest time for checking a table. After that it counts as an outage.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration pollTimeout();

        @Doc(
                "Memory of a registration service for comparing the files of two snapshots, in bytes; all tables that are checked at the same time share it. Needed if the snapshots between two checks have expired. A file takes about 200 bytes and the length of its path. If others hold it, a table is checked again later. A comparison that needs more than all of it is not made: the commit is `UNTRACEABLE`.")
        @WithDefault("100663296")
        @Range(min = 1_048_576)
        long comparisonMemoryBytes();

        @Doc(
                "Views and standing retrievals that are told about a commit in one transaction, and runs that become due by the clock. More follow in steps, so that the service goes on with its other work in between.")
        @WithDefault("500")
        @Range(min = 1, max = 100_000)
        int watchersPerStep();

        @Doc("How long a run of a standing retrieval may stay unanswered before it is issued again.")
        @WithDefault("1h")
        @Range(min = 100)
        Duration runTimeout();

        @Doc("First pause before a standing retrieval runs again after a failed run, unless the"
                + " request is at fault. It doubles up to run-retry-backoff-max. A change in what the"
                + " retrieval reads ends the pause.")
        @WithDefault("10s")
        @Range(min = 1)
        Duration runRetryBackoff();

        @Doc("Longest pause before a standing retrieval runs again after a failed run.")
        @WithDefault("30m")
        @Range(min = 1)
        Duration runRetryBackoffMax();

        @Doc(
                "Whether a run of a standing retrieval starts from the result of the previous one and reads only what changed since. The rows are those of a full run either way.")
        @WithDefault("true")
        boolean incremental();

        @Doc("Share of a view's rows or bytes, in percent, beyond which an incremental run looks up"
                + " all rows in the whole table.")
        @WithDefault("50")
        @Range(min = 0, max = 1_000)
        int maxChangedPercent();

        @Doc("When a run of a standing retrieval also writes which rows changed since the previous"
                + " run: `always`, `incremental` or `never`. It compares the rows that were not kept with"
                + " the previous result. For a view that ran in full these are all rows, so the view's"
                + " columns of the previous result are read once; `incremental` writes no changes then.")
        @WithDefault("always")
        ChangesMode changes();
    }

    @Doc("Hints of commits from the topics of other systems.")
    interface Hints {
        Map<String, HintSource> sources();

        @Doc("Shortest time between two checks of a table that hints on these topics trigger.")
        @WithDefault("500ms")
        @Range(min = 0, max = 600_000)
        Duration lookInterval();

        @Doc("Maximum bytes of a value that is parsed. A larger one is counted and skipped.")
        @WithDefault("262144")
        @Range(min = 1_024, max = 16_777_216)
        int maxRecordBytes();

        @Doc("How many records behind the reading of a partition may fall. Beyond that, it skips to"
                + " the partition's end, because an old hint is useless.")
        @WithDefault("10000")
        @Range(min = 1)
        long maxLag();

        @Doc("How much of one core reading one topic may take, in percent. Reading pauses at that,"
                + " however many records are waiting.")
        @WithDefault("20")
        @Range(min = 1, max = 100)
        int cpuPercent();
    }

    @Doc("A topic with hints.")
    interface HintSource {
        @Doc("A topic with hints on the cluster of `firn.kafka`, under a name of your choice. See docs/catalogs.md.")
        String topic();

        @Doc("What its records look like: `lakekeeper`, `s3`, `iceberg-connect`, `polaris` or `nessie`.")
        HintFormat format();

        @Doc("The catalog of `firn.catalogs` for each catalog, warehouse or branch that the records"
                + " name: `….catalogs.<name there>=<name here>`. A catalog that is not listed has the same"
                + " name here.")
        Map<String, String> catalogs();
    }

    @Doc("What a retrieval worker caches.")
    interface Cache {
        @Doc("Memory for cached metadata of tables: metadata files, manifests, footers, indexes,"
                + " dictionaries. In bytes; part of `firn.retrieval.memory-budget-bytes`, at most half of"
                + " it. 0 keeps nothing. If not set, an eighth of the budget.")
        @Range(min = 0)
        Optional<Long> metadataBytes();

        @Doc("Local folder where workers keep unpacked columns of tables, to read them from there the"
                + " next time. Workers on one machine may share it. If not set, no columns are kept.")
        Optional<Path> folder();

        @Doc("Maximum bytes of the files in `firn.cache.folder`. The least recently used ones are" + " deleted first.")
        @WithDefault("10737418240")
        @Range(min = 1048576)
        long bytes();
    }

    @Doc("Retrieval workers.")
    interface Retrieval {
        @Doc(
                "Retrievals that one worker runs at the same time. Runs of standing retrievals take at most half of the slots.")
        @WithDefault("2")
        @Range(min = 1, max = 256)
        int slots();

        @Doc("Extra slots for requests that find all slots busy. A retrieval that does not end there"
                + " within express-time gives way to the next one, and starts again in a slot. 0 for none.")
        @WithDefault("1")
        @Range(min = 0, max = 256)
        int expressSlots();

        @Doc("How long a retrieval may run in an express slot.")
        @WithDefault("10s")
        @Range(min = 10)
        Duration expressTime();

        @Doc("Scan threads of one retrieval. If not set, one per core.")
        OptionalInt scanThreads();

        @Doc("Maximum data files that one scan of a table may read, and delete files that it may"
                + " apply. More are `TOO_MANY_FILES`. A file takes about 300 bytes of the memory budget.")
        @WithDefault("1000000")
        @Range(min = 1)
        int maxFilesPerScan();

        @Doc("Memory budget that all retrievals of a worker share, in bytes. If not set, half of the heap.")
        Optional<Long> memoryBudgetBytes();

        @Doc(
                "Maximum size of one page of a Parquet file, in bytes. A file with a larger one is refused (FILE_UNREADABLE, SPINE_UNREADABLE). A page is as large as its largest value, usually 1 MiB.")
        @WithDefault("268435456")
        @Range(min = 65_536, max = 1_073_741_824)
        long maxPageBytes();

        @Doc("Native memory for the open pages of all retrievals of a worker, in bytes. A retrieval"
                + " that needs more waits and starts again. If not set, half of the heap.")
        @Range(min = 1_048_576)
        Optional<Long> pageMemoryBytes();

        Scratch scratch();

        @Doc("Maximum attempts of a request. Then it is answered ATTEMPTS_EXHAUSTED.")
        @WithDefault("5")
        @Range(min = 1, max = 100)
        int maxAttempts();

        @Doc("First pause before a failed call to a neighbour is retried. It doubles up to retry-backoff-max.")
        @WithDefault("500ms")
        @Range(min = 1)
        Duration retryBackoff();

        @Doc("Longest pause before a failed call to a neighbour is retried.")
        @WithDefault("30s")
        @Range(min = 1)
        Duration retryBackoffMax();

        @Doc(
                "How long one attempt continues while a neighbour (catalog, store, registry) or the memory it needs is unavailable. Then the attempt has failed. Also how long the schema registry may refuse one schema while it serves others. Then records with that schema become dead letters.")
        @WithDefault("15m")
        @Range(min = 100)
        Duration outageLimit();

        @Doc("Maximum tries of one attempt that an outage ends after they have read or written data."
                + " Then the attempt has failed.")
        @WithDefault("20")
        @Range(min = 1, max = 10_000)
        int maxTries();

        @Doc("How long a worker waits for the note that another worker gave up an attempt. Without"
                + " it, the next attempt runs alone, because the last one may have killed its process.")
        @WithDefault("3s")
        @Range(min = 1)
        Duration handoverTimeout();

        @Doc("How often a worker checks whether a running retrieval was cancelled or has another"
                + " outcome. It then stops within a second.")
        @WithDefault("2s")
        @Range(min = 10)
        Duration outcomeCheckInterval();

        @Doc("Maximum commands, such as cancellations, that a worker handles at once. They do not wait for slots.")
        @WithDefault("2")
        @Range(min = 1, max = 100)
        int commandThreads();

        @Doc("How long a request stays parked if its outcome cannot be read, because the manifest is"
                + " damaged or of a newer version. Then it becomes a dead letter with OUTCOME_UNREADABLE."
                + " Also how long it stays parked if a bug in Firn breaks its handling; then it becomes a"
                + " dead letter with HANDLING_FAILED.")
        @WithDefault("1h")
        @Range(min = 100)
        Duration unreadableLimit();

        @Doc(
                "How long the commit of a result to its target table may fail because the catalog or the store is away. The request is parked meanwhile. Then the answer says TARGET_UNAVAILABLE; the result's files are there all the same.")
        @WithDefault("30m")
        @Range(min = 100)
        Duration targetTimeout();

        @Doc("Maximum bytes of parked requests. While they hold more, the worker takes no further requests.")
        @WithDefault("67108864")
        @Range(min = 1)
        long maxParkedBytes();

        @Doc("How long a stopping worker may take to finish its running retrievals. It takes no new"
                + " ones, and hands over what is left. Give the container at least ten seconds more.")
        @WithDefault("20s")
        @Range(min = 0)
        Duration drainTimeout();

        @Doc(
                "How long the snapshots of a request with `retain` are kept: the maximum age of its tags. If not set, until someone removes the tags.")
        @Range(min = 1_000)
        Optional<Duration> retainFor();

        @Doc("How long a request waits for the registry to catch up. After that it counts as a failure.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration resolveTimeout();

        @Doc(
                "How often the record of a view that could not be decoded is tried again. Until it is decoded, requests for that view are parked; after unreadable-limit their attempts fail.")
        @WithDefault("10s")
        @Range(min = 10)
        Duration undecodedViewRetry();

        @Doc("How long a retrieval waits for memory that other retrievals use. After that it counts as a failure.")
        @WithDefault("10m")
        @Range(min = 100)
        Duration memoryTimeout();

        @Doc("Longest time to write an answer to its topic. After that, it is written again.")
        @WithDefault("60s")
        @Range(min = 100)
        Duration answerTimeout();

        @Doc("Maximum views of one request.")
        @WithDefault("50")
        @Range(min = 1, max = 10_000)
        int maxViews();

        @Doc("Maximum columns of one result.")
        @WithDefault("2000")
        @Range(min = 1, max = 100_000)
        int maxColumns();

        @Doc("A result warns about a view with `MANY_TIES` if, among the spine rows that matched,"
                + " more than this percentage matched several rows with the same times, so that only the"
                + " order of files decided. 100 for never.")
        @WithDefault("1")
        @Range(min = 0, max = 100)
        int tiesWarningPercent();

        @Doc("Maximum rows of one spine.")
        @WithDefault("1000000000")
        @Range(min = 1)
        long maxSpineRows();
    }

    @Doc("Temporary files of a worker, for values that do not fit in memory.")
    interface Scratch {
        @Doc("Folder for temporary files. Each process creates its own in it, and deletes those of"
                + " killed processes. Use a disk, not a tmpfs, which is memory. If not set, the JVM's"
                + " (java.io.tmpdir).")
        Optional<Path> folder();

        @Doc("Maximum bytes of temporary files of one worker. A retrieval that needs more waits and"
                + " starts again (SCRATCH_FULL).")
        @WithDefault("68719476736")
        @Range(min = 1_048_576)
        long quotaBytes();
    }

    @Doc("The gateway, which offers Firn over HTTP.")
    interface Gateway {
        @Doc("Address to listen on. On any but the loopback interface, the gateway starts only with"
                + " `firn.gateway.tokens-file` or `firn.gateway.oidc.issuer`.")
        @WithDefault("127.0.0.1")
        String host();

        @Doc("Port. 0 picks a free port and logs it.")
        @WithDefault("8088")
        @Range(min = 0, max = 65_535)
        int port();

        @Doc("How long a POST or DELETE waits for a service's answer. After that, it is answered 202,"
                + " with the address where the answer will be.")
        @WithDefault("20s")
        @Range(min = 0, max = 600_000)
        @WithName("wait")
        Duration answerWait();

        @Doc("Longest wait that a client may request with `Prefer: wait=<seconds>`. A longer one is"
                + " shortened to it.")
        @WithDefault("60s")
        @Range(min = 0, max = 600_000)
        Duration maxWait();

        @Doc("Longest time to send an event, or to read the registry to its end. After that, the"
                + " request is answered 503.")
        @WithDefault("10s")
        @Range(min = 100, max = 600_000)
        Duration kafkaTimeout();

        @Doc("`Retry-After` of answers given while a neighbour is away.")
        @WithDefault("5s")
        @Range(min = 1_000)
        Duration retryAfter();

        @Doc("Maximum bytes of a body without rows.")
        @WithDefault("1048576")
        @Range(min = 1_024, max = 16_777_216)
        int maxBodyBytes();

        @Doc("Maximum bytes of a body with the rows of a spine. They go through a temporary file.")
        @WithDefault("1073741824")
        @Range(min = 1_024)
        long maxUploadBytes();

        @Doc(
                "Maximum bytes of the temporary files of all uploads in progress; the rows of a form count twice, because they are copied. An upload beyond it is answered 503.")
        @WithDefault("8589934592")
        @Range(min = 1_024)
        long uploadQuotaBytes();

        @Doc(
                "Folder in which each gateway makes a folder of its own for the temporary files of uploads. If not set, the JVM's (java.io.tmpdir).")
        Optional<Path> uploadFolder();

        @Doc("Maximum requests of one principal in progress at the same time, including those that"
                + " wait. A further one is answered 429.")
        @WithDefault("256")
        @Range(min = 1, max = 100_000)
        int maxInFlight();

        @Doc("Maximum rows of a preview.")
        @WithDefault("1000")
        @Range(min = 1, max = 100_000)
        int maxPreviewRows();

        @Doc("Maximum bytes of a manifest that the gateway reads. Clients have to read a larger one"
                + " from the object store.")
        @WithDefault("16777216")
        @Range(min = 65_536, max = 268_435_456)
        int maxManifestBytes();

        @Doc("Maximum manifests and previews that are read at the same time. Further ones wait.")
        @WithDefault("4")
        @Range(min = 1, max = 256)
        int readers();

        @Doc("How many of the latest table commits, dead letters and retrievals the gateway keeps in"
                + " memory (this many of each), for lists and pages.")
        @WithDefault("1000")
        @Range(min = 1, max = 100_000)
        int recentRecords();

        @Doc("Bytes of the latest events that the gateway keeps in memory for event streams that"
                + " reconnect: all streams together, as encoded on Kafka.")
        @WithDefault("4194304")
        @Range(min = 65_536, max = 268_435_456)
        int replayBytes();

        @Doc("How often an event stream without events sends a comment, so that a client that is gone is noticed.")
        @WithDefault("15s")
        @Range(min = 100)
        Duration heartbeat();

        @Doc("JSON file that says which principal may read, register and administer what. See"
                + " docs/gateway.md. A principal that it does not name may do nothing. Required with"
                + " `firn.gateway.tokens-file` and `firn.gateway.oidc.issuer`.")
        Optional<Path> rulesFile();

        @Doc(
                "Properties file of bearer tokens: `<principal>=<SHA-256 of the token, hexadecimal>`, several separated by commas. It is read again when it changes.")
        Optional<Path> tokensFile();

        Oidc oidc();
    }

    @Doc("OpenID Connect: the gateway accepts bearer tokens (JWT) of one issuer.")
    interface Oidc {
        @Doc("The issuer, compared with the token's `iss`. If not set, no JWT is accepted.")
        Optional<String> issuer();

        @Doc("Address of the issuer's keys (JWKS). They are fetched when a token names an unknown key.")
        Optional<String> jwksUri();

        @Doc("The audience that a token must name in `aud`.")
        @WithDefault("firn")
        String audience();

        @Doc("The claim that holds the principal.")
        @WithDefault("sub")
        String principalClaim();

        @Doc("How much the clocks of the issuer and the gateway may differ.")
        @WithDefault("30s")
        @Range(min = 0, max = 300_000)
        Duration clockSkew();
    }

    @Doc("Health and metrics: /health/live, /health/ready, /metrics (Prometheus).")
    interface Http {
        @Doc("Address to listen on.")
        @WithDefault("127.0.0.1")
        String host();

        @Doc("Port. 0 picks a free port and logs it.")
        @WithDefault("9464")
        @Range(min = 0, max = 65_535)
        int port();

        @Doc(
                "Whether `/metrics` of the registration service shows all metrics of Kafka Streams and its clients, which are thousands of series, instead of the few that docs/operations.md lists.")
        @WithDefault("false")
        boolean kafkaMetrics();
    }

    @Doc(
            "How a service watches its neighbours: the broker, the schema registry, the object store, the catalogs, and Trino in the registration service.")
    interface Health {
        @Doc("How often each neighbour is checked.")
        @WithDefault("10s")
        @Range(min = 10)
        Duration checkInterval();

        @Doc("Longest time for a check. After that, the check has failed.")
        @WithDefault("5s")
        @Range(min = 10, max = 600_000)
        Duration checkTimeout();

        @Doc("Failed checks in a row after which a neighbour is away. It is back after one successful" + " check.")
        @WithDefault("3")
        @Range(min = 1, max = 1_000)
        int failures();

        @Doc("How often the age of the oldest unanswered request of each input topic is measured.")
        @WithDefault("30s")
        @Range(min = 100)
        Duration lagInterval();

        @Doc("How long a neighbour may fail before it is away, even after fewer failed checks.")
        @WithDefault("30s")
        @Range(min = 0)
        Duration awayAfter();
    }
}
