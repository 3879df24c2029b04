package dev.firn.registration.hint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.connect.events.AvroUtil;
import org.apache.iceberg.connect.events.CommitComplete;
import org.apache.iceberg.connect.events.CommitToTable;
import org.apache.iceberg.connect.events.DataWritten;
import org.apache.iceberg.connect.events.Event;
import org.apache.iceberg.connect.events.StartCommit;
import org.apache.iceberg.connect.events.TableReference;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Records as each sender writes them, and what is heard.
final class RecordFormatTest {
    private static final Headers NONE = new RecordHeaders();

    /// Lakekeeper: `crates/lakekeeper/src/service/events/publisher.rs` for types and extensions,
    /// `crates/lakekeeper-events-kafka/src/vendor/cloudevents/binding` for the headers, at 90892e9c.
    @Test
    void hearsCloudEventsOfLakekeeper() {
        RecordFormat lakekeeper = format("lakekeeper", "0198c7e5-1f0a-7000-8000-000000000001", "iceberg");

        assertThat(lakekeeper.read(cloudEvent("updateTable", "Table", "gold"), bytes("{}")))
                .isEqualTo(named("iceberg.gold.orders"));
        assertThat(lakekeeper
                        .read(cloudEvent("updateTable", "Table", "lake\u001fgold"), bytes("{}"))
                        .hints())
                .as("levels of a namespace as in the URLs of Iceberg's REST protocol")
                .containsExactly(Hint.named("iceberg.lake.gold.orders"));
        for (String change : List.of("createTable", "registerTable", "dropTable", "undropTabulars")) {
            assertThat(lakekeeper.read(cloudEvent(change, "Table", "gold"), bytes("null")))
                    .as(change)
                    .isEqualTo(named("iceberg.gold.orders"));
        }
    }

    /// The data of `renameTable` is the request of Iceberg's REST protocol.
    @Test
    void hearsBothNamesOfATableThatLakekeeperRenames() {
        RecordFormat lakekeeper = format("lakekeeper", "0198c7e5-1f0a-7000-8000-000000000001", "iceberg");

        Reading reading = lakekeeper.read(cloudEvent("renameTable", "Table", "gold"), bytes("""
                        {"source": {"namespace": ["gold"], "name": "orders"},
                         "destination": {"namespace": ["gold"], "name": "orders_old"}}
                        """));

        assertThat(reading.hints())
                .containsExactlyInAnyOrder(Hint.named("iceberg.gold.orders"), Hint.named("iceberg.gold.orders_old"));
    }

    @Test
    void ignoresWhatLakekeeperSaysOfOtherThings() {
        RecordFormat lakekeeper = format("lakekeeper");

        assertThat(lakekeeper.read(cloudEvent("updateView", "View", "gold"), bytes("{}")))
                .isEqualTo(Reading.IGNORED);
        assertThat(lakekeeper.read(cloudEvent("undropTabulars", "View", "gold"), bytes("{}")))
                .isEqualTo(Reading.IGNORED);
        assertThat(lakekeeper.read(NONE, bytes("{}"))).isEqualTo(Reading.UNDECODABLE);
    }

    /// AWS: "Event message structure", version 2.5
    /// (AmazonS3/latest/userguide/notification-content-structure.html).
    @Test
    void hearsEventNotificationsOfAws() {
        RecordFormat s3 = format("s3");

        Reading reading = s3.read(NONE, bytes("""
                {"Records": [{
                  "eventVersion": "2.5", "eventSource": "aws:s3", "awsRegion": "us-west-2",
                  "eventTime": "1970-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
                  "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
                  "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                  "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8"},
                  "s3": {"s3SchemaVersion": "1.0", "configurationId": "testConfigRule",
                    "bucket": {"name": "lake", "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                               "arn": "arn:aws:s3:::lake"},
                    "object": {"key": "gold/a+table/metadata/00007-4a.metadata.json", "size": 1024,
                               "eTag": "d41d8cd9", "sequencer": "0055AED6DCD90281E5"}}}]}
                """));

        assertThat(reading)
                .isEqualTo(Reading.of(
                        Set.of(new Hint.Written("s3://lake/gold/a table/metadata/", "00007-4a.metadata.json"))));
        assertThat(s3.read(NONE, bytes("""
                        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2014-10-13T15:57:02.089Z",
                         "Bucket": "lake", "RequestId": "5582815E1AEA5ADF", "HostId": "8cLeGAmw098X5cv4Zkwcmo"}
                        """)))
                .as("what AWS sends when notifications are switched on")
                .isEqualTo(Reading.IGNORED);
    }

    /// MinIO: `event.Log` and `event.Event` in `internal/event/event.go`, key escaped by `url.QueryEscape`.
    @Test
    void hearsEventNotificationsOfMinio() {
        Reading reading = format("s3").read(NONE, bytes("""
                {"EventName": "s3:ObjectCreated:Put", "Key": "lake/gold/orders/metadata/v3.metadata.json",
                 "Records": [{"eventVersion": "2.0", "eventSource": "minio:s3", "awsRegion": "",
                   "eventTime": "2026-03-01T00:00:00.000Z", "eventName": "s3:ObjectCreated:Put",
                   "userIdentity": {"principalId": "minio"}, "requestParameters": {}, "responseElements": {},
                   "s3": {"s3SchemaVersion": "1.0", "configurationId": "Config",
                     "bucket": {"name": "lake", "ownerIdentity": {"principalId": "minio"}, "arn": "arn:aws:s3:::lake"},
                     "object": {"key": "gold%2Forders%2Fmetadata%2Fv3.metadata.json", "size": 9, "eTag": "d4",
                                "contentType": "application/json", "sequencer": "17F3"}},
                   "source": {"host": "127.0.0.1", "port": "", "userAgent": "MinIO (linux; amd64) minio-go/v7.0.55"}}]}
                """));

        assertThat(reading.hints())
                .containsExactly(Hint.Written.at("s3a://lake/gold/orders/metadata/v3.metadata.json"));
    }

    @Test
    void ignoresOtherFilesAndWhatIsDeleted() {
        RecordFormat s3 = format("s3");

        assertThat(s3.read(NONE, notification("ObjectCreated:Put", "gold/orders/data/part-1.parquet")))
                .isEqualTo(Reading.IGNORED);
        assertThat(s3.read(NONE, notification("ObjectRemoved:Delete", "gold/orders/metadata/1.metadata.json")))
                .isEqualTo(Reading.IGNORED);
        assertThat(s3.read(NONE, notification("ObjectCreated:Put", "gold/%zz.metadata.json")))
                .isEqualTo(Reading.UNDECODABLE);
    }

    /// Polaris: `EventToJsonMapper` in `extensions/events/kafka`, attributes by
    /// `IcebergRestCatalogEventServiceDelegator`, at 4b421863.
    @Test
    void hearsEventsOfPolaris() {
        RecordFormat polaris = format("polaris", "prod", "iceberg");

        assertThat(polaris.read(NONE, bytes("""
                        {"event_type": "AFTER_UPDATE_TABLE", "event_id": "58bdb0a2-20c0-4a6f-b6fe-abd4ebce2e96",
                         "timestamp": "2026-03-01T00:00:00Z", "table_name": "orders", "namespace": ["lake", "gold"],
                         "catalog_name": "prod", "realm_id": "POLARIS", "principal": "root",
                         "activated_roles": ["service_admin"], "request_id": "7"}
                        """))).isEqualTo(named("iceberg.lake.gold.orders"));
        assertThat(polaris.read(NONE, bytes("""
                                {"event_type": "AFTER_RENAME_TABLE", "source": ["gold", "tmp"],
                                 "destination": ["gold", "orders"], "catalog_name": "prod", "realm_id": "POLARIS"}
                                """)).hints())
                .containsExactlyInAnyOrder(Hint.named("iceberg.gold.tmp"), Hint.named("iceberg.gold.orders"));
    }

    /// A look loads the table: if that were a hint, each look would cause the next.
    @ParameterizedTest
    @ValueSource(strings = {"AFTER_LOAD_TABLE", "AFTER_REFRESH_TABLE", "BEFORE_UPDATE_TABLE", "AFTER_CREATE_VIEW"})
    void ignoresWhatPolarisSaysOfLoadsAndAttempts(String type) {
        assertThat(format("polaris")
                        .read(
                                NONE,
                                bytes("{\"event_type\": \"%s\", \"table_name\": \"orders\",".formatted(type)
                                        + " \"namespace\": [\"gold\"], \"catalog_name\": \"iceberg\"}")))
                .isEqualTo(Reading.IGNORED);
    }

    /// Nessie: `content-stored.json` and `content-removed.json` in `events/api/src/test/resources`, at
    /// 8fbeb3dc.
    @Test
    void hearsEventsOfNessie() {
        RecordFormat nessie = format("nessie", "main", "iceberg");
        String event = """
                {"type": "%s", "id": "58bdb0a2-20c0-4a6f-b6fe-abd4ebce2e96", "repositoryId": "repo1",
                 "eventInitiator": "Alice", "eventCreationTimestamp": "2024-09-26T00:00:00Z",
                 "commitCreationTimestamp": "2024-09-26T11:11:11Z",
                 "reference": {"type": "BRANCH", "name": "main", "hash": "cafebabe"}, "hash": "hash1",
                 "contentKey": {"elements": ["ns", "table1"]}%s}
                """;
        String content =
                ", \"content\": {\"type\": \"%s\", \"id\": \"id\", \"metadataLocation\": \"m\", \"snapshotId\": 1}";

        assertThat(nessie.read(NONE, bytes(event.formatted("CONTENT_STORED", content.formatted("ICEBERG_TABLE")))))
                .isEqualTo(named("iceberg.ns.table1"));
        assertThat(nessie.read(NONE, bytes(event.formatted("CONTENT_REMOVED", ""))))
                .isEqualTo(named("iceberg.ns.table1"));
        assertThat(nessie.read(NONE, bytes(event.formatted("CONTENT_STORED", content.formatted("ICEBERG_VIEW")))))
                .isEqualTo(Reading.IGNORED);
        assertThat(nessie.read(NONE, bytes("{\"type\": \"COMMIT\", \"repositoryId\": \"repo1\"}")))
                .isEqualTo(Reading.IGNORED);
    }

    /// Written by Iceberg's own encoder.
    @Test
    void hearsCommitsOfTheKafkaConnectSink() {
        RecordFormat connect = format("iceberg-connect", "sink", "iceberg");
        TableReference table = TableReference.of(
                "sink", TableIdentifier.of(Namespace.of("lake", "gold"), "orders"), UUID.randomUUID());
        CommitToTable commit = new CommitToTable(UUID.randomUUID(), table, 7L, OffsetDateTime.now(ZoneOffset.UTC));

        assertThat(connect.read(NONE, AvroUtil.encode(new Event("cg-control", commit))))
                .isEqualTo(named("iceberg.lake.gold.orders"));
    }

    @Test
    void ignoresOtherEventsOfTheKafkaConnectSink() {
        RecordFormat connect = format("iceberg-connect");
        TableReference table = TableReference.of("iceberg", TableIdentifier.of("gold", "orders"), UUID.randomUUID());
        UUID id = UUID.randomUUID();

        for (var payload : List.of(
                new StartCommit(id),
                new DataWritten(Types.StructType.of(), id, table, List.of(), List.of()),
                new CommitComplete(id, OffsetDateTime.now(ZoneOffset.UTC)))) {
            assertThat(connect.read(NONE, AvroUtil.encode(new Event("cg-control", payload))))
                    .as(payload.type().name())
                    .isEqualTo(Reading.IGNORED);
        }
    }

    private static Headers cloudEvent(String type, String tabularType, String namespace) {
        Headers headers = new RecordHeaders();
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "0198c7e5-1f0a-7000-8000-0000000000aa",
                        "ce_source", "uri:iceberg-catalog-service:host",
                        "ce_type", type,
                        "ce_tabular-type", tabularType,
                        "ce_tabular-id", "0198c7e5-1f0a-7000-8000-0000000000bb",
                        "ce_warehouse-id", "0198c7e5-1f0a-7000-8000-000000000001",
                        "ce_name", "orders",
                        "ce_namespace", namespace,
                        "content-type", "application/json")
                .forEach((name, value) -> headers.add(name, bytes(value)));
        return headers;
    }

    static byte[] notification(String event, String key) {
        return bytes(
                "{\"Records\": [{\"eventName\": \"%s\", \"s3\": {\"bucket\": {\"name\": \"lake\"},".formatted(event)
                        + " \"object\": {\"key\": \"%s\"}}}]}".formatted(key));
    }

    private static Reading named(String table) {
        return Reading.of(Set.of(Hint.named(table)));
    }

    /// @param catalogs theirs and ours in turn
    static RecordFormat format(String name, String... catalogs) {
        Map<String, String> settings = new HashMap<>();
        settings.put("firn.hints.sources.s.topic", "t");
        settings.put("firn.hints.sources.s.format", name);
        for (int i = 0; i < catalogs.length; i += 2) {
            settings.put("firn.hints.sources.s.catalogs." + catalogs[i], catalogs[i + 1]);
        }
        FirnConfig.Hints hints = Settings.load(Map.of(), settings).hints();
        return RecordFormat.of(Objects.requireNonNull(hints.sources().get("s")), hints.maxRecordBytes());
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
