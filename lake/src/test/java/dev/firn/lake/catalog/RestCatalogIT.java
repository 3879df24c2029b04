package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.Access;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.Waiting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.credentials.ImmutableCredential;
import org.apache.iceberg.rest.requests.RemoteSignRequest;
import org.apache.iceberg.rest.responses.ImmutableRemoteSignResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/// Tables written by Trino, read through a REST catalog that authenticates clients with OAuth2 and vends credentials
/// for the store.
final class RestCatalogIT {
    private static final StackAddresses STACK = TestStack.shared().addresses();
    private static final Trino TRINO = TestStack.shared().trino();
    private static final JdbcCatalog BEHIND = behind();
    private static final String WRONG = "wrong-key-of-the-store";

    private TableName name;

    @AfterAll
    static void close() {
        BEHIND.close();
    }

    @BeforeEach
    void create() {
        name = new TableName(StackAddresses.CATALOG, TRINO.newSchema(), "orders");
        TRINO.execute("CREATE TABLE " + name
                + " (customer_id bigint, total integer, updated_at timestamp(6) with time zone)");
        insert(1);
    }

    @Test
    void aClientGetsATokenAndReadsWithItsOwnKeysOfTheStore() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of())) {
            assertThat(count(catalogs)).isEqualTo(1);
            assertThat(server.requests).contains("POST /v1/oauth/tokens");
        }
    }

    @Test
    void aTokenThatIsGivenNeedsNoClient() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of("credential", "", "token", RestCatalogServer.TOKEN))) {
            assertThat(count(catalogs)).isEqualTo(1);
            assertThat(server.requests).doesNotContain("POST /v1/oauth/tokens");
        }
    }

    @Test
    void aClientThatTheCatalogDoesNotKnowIsAnOutageAndItsSecretStaysInside() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of("credential", "firn:another-s3cret"))) {
            assertThatThrownBy(() -> catalogs.load(name)).isInstanceOfSatisfying(LakeOutage.class, e -> {
                assertThat(e.code()).isEqualTo("CATALOG_UNAVAILABLE");
                for (Throwable t = e; t != null; t = t.getCause()) {
                    assertThat(t.toString()).doesNotContain("another-s3cret");
                }
            });
        }
    }

    @Test
    void keysOfTheStoreThatTheCatalogHandsOutWinOverThoseConfigured() {
        try (RestCatalogServer server = new RestCatalogServer(
                        BEHIND, table -> granted(table).addAllConfig(keys()).build(), RestCatalogIT::refuse);
                Catalogs catalogs = catalogs(server, wrongKeys())) {
            assertThat(count(catalogs)).isEqualTo(1);
        }
    }

    @Test
    void credentialsForAPrefixAreUsedBelowIt() {
        UnaryOperator<LoadTableResponse> vended = table -> granted(table)
                .addCredential(ImmutableCredential.builder()
                        .prefix(table.tableMetadata().location())
                        .putAllConfig(keys())
                        .build())
                .build();
        try (RestCatalogServer server = new RestCatalogServer(BEHIND, vended, RestCatalogIT::refuse);
                Catalogs catalogs = catalogs(server, wrongKeys())) {
            assertThat(count(catalogs)).isEqualTo(1);
        }
    }

    @Test
    void withoutKeysOfTheCatalogWrongKeysReadNothing() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, wrongKeys())) {
            assertThatThrownBy(() -> count(catalogs)).isInstanceOf(LakeException.class);
        }
    }

    @Test
    void theCatalogSignsForAClientWithoutKeys() {
        try (RestCatalogServer server = new RestCatalogServer(
                        BEHIND,
                        table -> granted(table)
                                .addConfig("s3.remote-signing-enabled", "true")
                                .addConfig("signer.endpoint", "v1/sign")
                                .build(),
                        RestCatalogIT::signed);
                Catalogs catalogs = catalogs(server, wrongKeys())) {
            assertThat(count(catalogs)).isEqualTo(1);
            assertThat(server.requests).contains("POST /v1/sign");
        }
    }

    @Test
    void aCatalogThatSignsBelowTheOlderNamesIsFoundToo() {
        try (RestCatalogServer server = new RestCatalogServer(
                        BEHIND,
                        table -> granted(table)
                                .addConfig("s3.remote-signing-enabled", "true")
                                .addConfig("s3.signer.endpoint", "v1/sign")
                                .build(),
                        RestCatalogIT::signed);
                Catalogs catalogs = catalogs(server, wrongKeys())) {
            assertThat(count(catalogs)).isEqualTo(1);
            assertThat(server.requests).contains("POST /v1/sign");
        }
    }

    @Test
    void theStoreStaysOpenWhileAPinnedTableIsHeld() {
        try (RestCatalogServer server = new RestCatalogServer(
                        BEHIND, table -> granted(table).addAllConfig(keys()).build(), RestCatalogIT::refuse);
                Catalogs catalogs = catalogs(server, Map.of("io-impl", ObservedS3FileIO.class.getName()))) {
            PinnedTable pinned = catalogs.open(catalogs.load(name).pin(SnapshotChoice.head()));
            Waiting.until(
                    Duration.ofSeconds(20),
                    () -> {
                        catalogs.load(name);
                        System.gc();
                        return ObservedS3FileIO.CLOSED.get() > 1;
                    },
                    "the stores of unused tables to be closed");
            assertThat(CatalogIo.of(pinned))
                    .isInstanceOfSatisfying(
                            ObservedS3FileIO.class, io -> assertThat(io.closed).isFalse());
            assertThat(CountedRows.in(pinned)).isEqualTo(1);
        }
    }

    @Test
    void snapshotsThatTheCatalogLoadsLazilyAreComplete() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of("snapshot-loading-mode", "refs"))) {
            long first = Objects.requireNonNull(
                    catalogs.load(name).pin(SnapshotChoice.head()).snapshotId());
            insert(2);
            LakeTable table = catalogs.load(name);
            server.failWith(503);
            assertThat(CountedRows.in(catalogs.open(table, table.pin(new SnapshotChoice.ById(first)))))
                    .isEqualTo(1);
            assertThat(CountedRows.in(catalogs.open(table, table.pin(SnapshotChoice.head()))))
                    .isEqualTo(2);
        }
    }

    @Test
    void commitsAreSeenAsTheyHappened() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of())) {
            LakeTable look = catalogs.load(name);
            TableState before = CommitWalk.state(look, null);
            insert(2);
            TableChange append = catalogs.between(catalogs.load(name), null, before, look.metadataLocation());
            assertThat(append.kind()).isEqualTo(ChangeKind.APPEND);
            TRINO.execute("DELETE FROM " + name + " WHERE customer_id = 2");
            assertThat(catalogs.between(catalogs.load(name), null, append.now(), null)
                            .kind())
                    .isEqualTo(ChangeKind.CONTENT);
        }
    }

    @Test
    void whatIsMissingIsNamedWithTheNearestName() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of())) {
            rejected(catalogs, name.schema(), "order", "TABLE_NOT_FOUND", "orders");
            rejected(catalogs, name.schema() + "x", "orders", "SCHEMA_NOT_FOUND", name.schema());
            TRINO.execute("CREATE VIEW iceberg." + name.schema() + ".v AS SELECT 1 AS one");
            assertThatThrownBy(() -> catalogs.load(new TableName(StackAddresses.CATALOG, name.schema(), "v")))
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"));
        }
    }

    @Test
    void aCatalogOutOfOrderIsAnOutageAndAnswersAgainLater() {
        try (RestCatalogServer server = server();
                Catalogs catalogs = catalogs(server, Map.of("rest.client.max-retries", "1"))) {
            server.failWith(503);
            assertThatThrownBy(() -> catalogs.load(name)).isInstanceOf(LakeOutage.class);
            server.failWith(0);
            assertThat(count(catalogs)).isEqualTo(1);
        }
    }

    private void insert(int customer) {
        TRINO.execute("INSERT INTO " + name + " VALUES (" + customer + ", 10, timestamp '2024-01-01 00:00:00 UTC')");
    }

    private long count(Catalogs catalogs) {
        LakeTable table = catalogs.load(name);
        return CountedRows.in(catalogs.open(table, table.pin(SnapshotChoice.head())));
    }

    private static void rejected(Catalogs catalogs, String schema, String table, String code, String suggestion) {
        assertThatThrownBy(() -> catalogs.load(new TableName(StackAddresses.CATALOG, schema, table)))
                .isInstanceOfSatisfying(LakeRejection.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.suggestion()).contains(suggestion);
                });
    }

    /// Records when Iceberg closes it, which happens when its table is garbage-collected.
    public static final class ObservedS3FileIO extends S3FileIO {
        private static final long serialVersionUID = 1L;
        private static final AtomicInteger CLOSED = new AtomicInteger();

        private volatile boolean closed;

        @Override
        public void close() {
            closed = true;
            CLOSED.incrementAndGet();
            super.close();
        }
    }

    private static RestCatalogServer server() {
        return RestCatalogServer.over(BEHIND);
    }

    private static Object refuse(RemoteSignRequest request) {
        throw new AssertionError("nothing is to be signed, but " + request.uri());
    }

    private static LoadTableResponse.Builder granted(LoadTableResponse table) {
        return LoadTableResponse.builder().withTableMetadata(table.tableMetadata());
    }

    private static Map<String, String> keys() {
        return Map.of("s3.access-key-id", STACK.accessKey(), "s3.secret-access-key", STACK.secretKey());
    }

    private static Map<String, String> wrongKeys() {
        return Map.of("s3.access-key-id", WRONG, "s3.secret-access-key", WRONG);
    }

    private static Object signed(RemoteSignRequest asked) {
        SdkHttpRequest.Builder request =
                SdkHttpRequest.builder().uri(asked.uri()).method(SdkHttpMethod.fromValue(asked.method()));
        asked.headers().forEach(request::putHeader);
        SdkHttpRequest signed = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(AwsCredentialsIdentity.create(STACK.accessKey(), STACK.secretKey()))
                        .request(request.removeHeader("x-amz-content-sha256").build())
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, asked.region())
                        .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                        .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false))
                .request();
        return ImmutableRemoteSignResponse.builder()
                .uri(signed.getUri())
                .headers(signed.headers())
                .build();
    }

    private static Catalogs catalogs(RestCatalogServer server, Map<String, String> changed) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "type",
                "rest",
                "uri",
                server.uri(),
                "credential",
                RestCatalogServer.CLIENT + ":" + RestCatalogServer.SECRET,
                "oauth2-server-uri",
                server.uri() + "/v1/oauth/tokens"));
        properties.putAll(changed);
        properties.values().removeIf(String::isEmpty);
        return Catalogs.of(
                Map.of(StackAddresses.CATALOG, properties),
                storage(),
                new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    }

    private static Map<String, String> storage() {
        Map<String, String> storage = new HashMap<>(STACK.icebergCatalogProperties());
        storage.keySet().removeAll(Set.of("type", "uri", "warehouse", "jdbc.schema-version"));
        return storage;
    }

    private static JdbcCatalog behind() {
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.setConf(new Configuration());
        catalog.initialize(StackAddresses.CATALOG, STACK.icebergCatalogProperties());
        return catalog;
    }
}
