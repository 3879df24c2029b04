package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogsTest {
    private Path folder;
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
        lake = new LakeFixture(folder);
        lake.create(ORDERS);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// Trino lists it in lower case.
    @Test
    void findsATableWithoutRegardToCaseUnlessTwoMatch() {
        TableName lower = TableName.parse("iceberg.gold.customeraggregates");
        lake.create(TableName.parse("iceberg.gold.CustomerAggregates"));

        assertThat(lake.catalogs.load(lower).name()).isEqualTo(lower);
        assertThat(lake.catalogs.load(lower).location()).endsWith("CustomerAggregates");

        lake.create(TableName.parse("iceberg.gold.CUSTOMERAGGREGATES"));
        rejected(lake.catalogs, lower.toString(), "TABLE_NOT_FOUND", "CUSTOMERAGGREGATES");
        assertThat(lake.catalogs
                        .load(TableName.parse("iceberg.gold.CustomerAggregates"))
                        .location())
                .endsWith("CustomerAggregates");
    }

    @Test
    void loadsAfreshEachTime() {
        LakeTable before = lake.look();
        lake.writer
                .loadTable(LakeFixture.identifier(ORDERS))
                .updateSchema()
                .addColumn("note", Types.StringType.get())
                .commit();
        LakeTable after = lake.look();
        assertThat(after.uuid()).isEqualTo(before.uuid());
        assertThat(after.schemaId()).isEqualTo(before.schemaId() + 1);
        assertThat(after.metadataLocation()).isNotEqualTo(before.metadataLocation());
        assertThat(before.schema().findField("note")).isNull();
    }

    @Test
    void aMissingTableIsTableNotFoundWithTheNearestName() {
        rejected(lake.catalogs, "iceberg.gold.order", "TABLE_NOT_FOUND", "orders");
    }

    @Test
    void aMissingSchemaIsSchemaNotFoundWithTheNearestName() {
        rejected(lake.catalogs, "iceberg.glod.orders", "SCHEMA_NOT_FOUND", "gold");
    }

    @Test
    void aDroppedTableIsTableNotFound() {
        lake.look();
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        rejected(lake.catalogs, "iceberg.gold.orders", "TABLE_NOT_FOUND", null);
    }

    @Test
    void aCatalogThatIsNotAllowedIsNotAsked() {
        rejected(lake.catalogs, "hive.gold.orders", "CATALOG_NOT_ALLOWED", null);
    }

    @Test
    void anAllowedCatalogThatIsNotConfiguredSaysSo() {
        try (Catalogs catalogs = catalogs(Map.of("iceberg", lake.propertiesWith("a", "b")), "iceburg")) {
            rejected(catalogs, "iceburg.gold.orders", "CATALOG_NOT_ALLOWED", "iceberg");
        }
    }

    @Test
    void aViewIsUnsupported() {
        lake.writer
                .buildView(TableIdentifier.of("gold", "v"))
                .withSchema(LakeFixture.SCHEMA)
                .withDefaultNamespace(Namespace.of("gold"))
                .withQuery("trino", "SELECT 1")
                .create();
        rejected(lake.catalogs, "iceberg.gold.v", "UNSUPPORTED_TABLE", null);
    }

    @Test
    void aMetadataTableIsUnsupported() {
        rejected(lake.catalogs, "iceberg.gold.orders.snapshots", "UNSUPPORTED_TABLE", null);
    }

    @Test
    void aFormatThatFirnDoesNotReadIsUnsupported() {
        lake.create(TableName.parse("iceberg.gold.v4"), "format-version", "4");
        rejected(lake.catalogs, "iceberg.gold.v4", "UNSUPPORTED_TABLE", null);
    }

    @Test
    void anEncryptedTableIsUnsupported() {
        lake.create(TableName.parse("iceberg.gold.sealed"), "format-version", "3", "encryption.key-id", "k1");
        rejected(lake.catalogs, "iceberg.gold.sealed", "UNSUPPORTED_TABLE", null);
    }

    @Test
    void formatVersions1To3AreRead() {
        for (String version : List.of("1", "2", "3")) {
            TableName name = new TableName("iceberg", "gold", "format_" + version);
            lake.create(name, "format-version", version);
            assertThat(lake.catalogs.load(name).schema().columns()).hasSize(3);
        }
    }

    @Test
    void aMissingMetadataFileIsNamedAndNotAMissingTable() throws Exception {
        String location = lake.look().metadataLocation();
        Files.delete(Path.of(URI.create(location)));
        assertThatThrownBy(lake::look)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("FILE_NOT_FOUND"))
                .hasMessageContaining("iceberg.gold.orders")
                .hasMessageContaining(location.substring(location.lastIndexOf('/')));
    }

    @Test
    void aDatabaseThatCannotBeOpenedIsAnOutage() {
        try (Catalogs catalogs = LakeFixture.open(
                folder, lake.propertiesWith("uri", "jdbc:sqlite:" + folder.resolve("nowhere/catalog.db")))) {
            assertThatThrownBy(() -> catalogs.load(ORDERS))
                    .isInstanceOfSatisfying(
                            LakeOutage.class, e -> assertThat(e.code()).isEqualTo("CATALOG_UNAVAILABLE"));
        }
    }

    @Test
    void aCatalogThatComesBackAnswersAgain() throws Exception {
        Path late = folder.resolve("late");
        try (Catalogs catalogs =
                LakeFixture.open(folder, lake.propertiesWith("uri", "jdbc:sqlite:" + late.resolve("catalog.db")))) {
            assertThatThrownBy(() -> catalogs.load(ORDERS)).isInstanceOf(LakeOutage.class);
            Files.createDirectories(late);
            assertThatThrownBy(() -> catalogs.load(ORDERS)).isInstanceOf(LakeRejection.class);
        }
    }

    @Test
    void anUnreachableRestCatalogIsAnOutage() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (Catalogs catalogs = rest(port)) {
            outage(catalogs);
        }
    }

    @Test
    void aRestCatalogThatFailsIsAnOutageAndItsSecretsAreMasked() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"error\":{\"message\":\"no such token t0ps3cret\",\"type\":\"E\",\"code\":403}}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(403, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try (Catalogs catalogs = rest(server.getAddress().getPort())) {
            LakeException fault = outage(catalogs);
            for (Throwable t = fault; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain("t0ps3cret");
            }
            assertThat(catalogs.toString()).isEqualTo("Catalogs[iceberg]");
        } finally {
            server.stop(0);
        }
    }

    /// Catalogs with rights for each table answer so. Another try gets the same answer.
    @Test
    void aTableThatTheCatalogDoesNotShowIsDenied() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean config = exchange.getRequestURI().getPath().endsWith("/config");
            byte[] body = (config
                            ? "{\"defaults\":{},\"overrides\":{}}"
                            : "{\"error\":{\"message\":\"not yours\",\"type\":\"ForbiddenException\",\"code\":403}}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(config ? 200 : 403, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try (Catalogs catalogs = rest(server.getAddress().getPort())) {
            rejected(catalogs, "iceberg.gold.orders", "TABLE_DENIED", null);
        } finally {
            server.stop(0);
        }
    }

    /// Iceberg's default is a catalog without views, which throws when asked for one.
    @Test
    void aJdbcCatalogOfSchemaV0ReportsAMissingTable(@TempDir Path folder) {
        Map<String, String> properties = Map.of(
                "type",
                "jdbc",
                "uri",
                "jdbc:sqlite:" + folder.resolve("v0.db"),
                "warehouse",
                folder.toUri().toString(),
                "io-impl",
                "org.apache.iceberg.hadoop.HadoopFileIO");
        try (Catalogs catalogs = Catalogs.of(
                Map.of("iceberg", properties),
                Map.of("client.region", "us-east-1"),
                new Access(Set.of("iceberg"), Set.of(), List.of(), "s3://lake/results"))) {
            assertThatThrownBy(() -> catalogs.load(ORDERS))
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.lakeCode()).isEqualTo(LakeCode.SCHEMA_NOT_FOUND));
        }
    }

    @Test
    void aHadoopCatalogReadsItsOwnFolder(@TempDir Path warehouse) {
        Map<String, String> properties =
                Map.of("type", "hadoop", "warehouse", warehouse.toUri().toString());
        try (Catalogs catalogs = Catalogs.of(
                        Map.of("iceberg", properties),
                        Map.of("client.region", "us-east-1", "io-impl", "org.apache.iceberg.aws.s3.S3FileIO"),
                        new Access(Set.of("iceberg"), Set.of(), List.of(), "s3://lake/results"));
                HadoopCatalog writer = new HadoopCatalog()) {
            writer.setConf(new Configuration());
            writer.initialize("iceberg", properties);
            Table table = writer.createTable(LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA);
            LakeTable look = catalogs.load(ORDERS);
            TableState before = CommitWalk.state(look, null);
            LakeFixture.append(table, 10);
            LakeTable now = catalogs.load(ORDERS);
            assertThat(catalogs.between(now, null, before, look.metadataLocation())
                            .kind())
                    .isEqualTo(ChangeKind.APPEND);
            assertThat(catalogs.open(now.pin(SnapshotChoice.head())).pin().snapshotId())
                    .isEqualTo(LakeFixture.head(table));
            rejected(catalogs, "iceberg.gold.order", "TABLE_NOT_FOUND", "orders");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aGlueCatalogIsAskedAtItsEndpoint() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
            byte[] body =
                    "{\"__type\":\"EntityNotFoundException\",\"Message\":\"none\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(400, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        Map<String, String> properties = Map.of(
                "type", "glue",
                "warehouse", "s3://lake/iceberg",
                "glue.endpoint", "http://127.0.0.1:" + server.getAddress().getPort(),
                "client.credentials-provider", "software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider");
        try (Catalogs catalogs = catalogs(Map.of("iceberg", properties), "iceberg")) {
            rejected(catalogs, "iceberg.gold.orders", "SCHEMA_NOT_FOUND", null);
            assertThat(asked).startsWith("AWSGlue.GetTable").contains("AWSGlue.GetDatabase");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void afterCloseNothingIsOpenedAgain() {
        lake.catalogs.close();
        assertThatThrownBy(lake::look).isInstanceOf(LakeOutage.class).hasMessageContaining("closed");
    }

    private static Catalogs rest(int port) {
        return catalogs(
                Map.of(
                        "iceberg",
                        Map.of(
                                "type",
                                "rest",
                                "uri",
                                "http://127.0.0.1:" + port,
                                "token",
                                "t0ps3cret",
                                "rest.client.max-retries",
                                "1")),
                "iceberg");
    }

    private static LakeException outage(Catalogs catalogs) {
        try {
            catalogs.load(ORDERS);
        } catch (LakeOutage outage) {
            assertThat(outage).hasMessageContaining("iceberg.gold.orders");
            return outage;
        }
        throw new AssertionError("no outage");
    }

    private static Catalogs catalogs(Map<String, Map<String, String>> properties, String allowed) {
        return Catalogs.of(
                properties,
                Map.of("client.region", "us-east-1"),
                new Access(Set.of(allowed), Set.of(), List.of(), "s3://lake/results"));
    }

    private static void rejected(Catalogs catalogs, String table, String code, @Nullable String suggestion) {
        assertThatThrownBy(() -> catalogs.load(TableName.parse(table)))
                .isInstanceOfSatisfying(LakeRejection.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.suggestion().orElse(null)).isEqualTo(suggestion);
                    assertThat(e).hasMessageStartingWith("[" + table + "]");
                });
    }
}
