package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.Access;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.testkit.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Reads tables through the REST endpoint of a real Nessie server.
final class NessieIT {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "customer_id", Types.LongType.get()),
            Types.NestedField.optional(2, "updated_at", Types.TimestampType.withZone()));
    private static NessieServer nessie;
    private static Catalog writer;

    private TableName name;
    private Table table;

    @BeforeAll
    static void start() {
        nessie = new NessieServer(TestStack.shared().addresses());
        writer = CatalogUtil.buildIcebergCatalog("nessie", withOwnKeys(properties("main")), new Configuration());
        ((SupportsNamespaces) writer).createNamespace(Namespace.of("gold"));
    }

    @AfterAll
    static void stop() {
        if (nessie != null) {
            nessie.close();
        }
    }

    @BeforeEach
    void create() {
        name = new TableName("main", "gold", "t_" + UUID.randomUUID().toString().substring(0, 8));
        table = writer.createTable(
                TableIdentifier.of("gold", name.table()),
                SCHEMA,
                PartitionSpec.unpartitioned(),
                Map.of("format-version", "2"));
    }

    @Test
    void readsATableWithS3RequestsThatNessieSigns() {
        append(1);
        try (Catalogs catalogs = catalogs(Map.of())) {
            LakeTable look = catalogs.load(name);
            assertThat(CountedRows.in(catalogs.open(look.pin(SnapshotChoice.head()))))
                    .isEqualTo(1);
            assertThat(look.iceberg().io().properties())
                    .containsEntry("s3.remote-signing-enabled", "true")
                    .doesNotContainKey("s3.secret-access-key");
        }
    }

    @Test
    void readsABranchOrTagOfNessieAsACatalog() {
        append(1);
        String tag = "tag-" + name.table();
        String branch = "branch-" + name.table();
        nessie.createReference("TAG", tag);
        nessie.createReference("BRANCH", branch);
        append(2);
        try (Catalogs catalogs = catalogs(Map.of("tagged", tag, "branched", branch))) {
            assertThat(rows(catalogs, "main")).isEqualTo(2);
            assertThat(rows(catalogs, "tagged")).isEqualTo(1);
            assertThat(rows(catalogs, "branched")).isEqualTo(1);
        }
    }

    @Test
    void readsAPinFromItsMetadataFileBecauseNessieListsOnlyTheNewestSnapshot() {
        append(1);
        try (Catalogs catalogs = catalogs(Map.of())) {
            SnapshotPin pin = catalogs.load(name).pin(SnapshotChoice.head());
            append(2);
            LakeTable now = catalogs.load(name);
            assertThat(now.iceberg().snapshots()).hasSize(1);
            assertThat(CountedRows.in(catalogs.open(now, pin))).isEqualTo(1);
        }
    }

    @Test
    void classifiesCommitsByTheirFilesBecauseNessieListsNoAncestors() {
        append(1);
        try (Catalogs catalogs = catalogs(Map.of())) {
            LakeTable look = catalogs.load(name);
            TableState before = CommitWalk.state(look, null);
            DataFile second = append(2);
            DataFile third = append(3);
            LakeTable grown = catalogs.load(name);
            TableChange append = expect(catalogs, look, before, ChangeKind.APPEND, true);

            table.refresh();
            table.newRewrite()
                    .deleteFile(second)
                    .deleteFile(third)
                    .addFile(file(row(2), row(3)))
                    .commit();
            LakeTable compacted = catalogs.load(name);
            TableChange compaction = expect(catalogs, grown, append.now(), ChangeKind.COMPACTION, false);

            table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
            append(4);
            expect(catalogs, compacted, compaction.now(), ChangeKind.REPLACED, true);
        }
    }

    @Test
    void rejectsOlderSnapshotsBecauseNessieDoesNotListThem() {
        append(1);
        try (Catalogs catalogs = catalogs(Map.of())) {
            long first = Objects.requireNonNull(
                    catalogs.load(name).pin(SnapshotChoice.head()).snapshotId());
            Instant then = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
            append(2);
            LakeTable now = catalogs.load(name);
            rejected("SNAPSHOT_NOT_FOUND", () -> now.pin(new SnapshotChoice.ById(first)));
            rejected("SNAPSHOT_NOT_FOUND", () -> now.pin(new SnapshotChoice.AsOf(then)));
            rejected("REF_NOT_FOUND", () -> now.pin(new SnapshotChoice.Head("audit")));
        }
    }

    @Test
    void rejectsATagThatNessieDropsSilently() {
        append(1);
        try (Catalogs catalogs = catalogs(Map.of())) {
            SnapshotPin pin = catalogs.load(name).pin(SnapshotChoice.head());
            rejected("RETAIN_REFUSED", () -> catalogs.retain(pin, "firn-r1-1", null));
        }
    }

    @Test
    void readsAFormat3TableAsFormat2() {
        TableIdentifier third = TableIdentifier.of("gold", name.table() + "_v3");
        writer.createTable(third, SCHEMA, PartitionSpec.unpartitioned(), Map.of("format-version", "3"));
        try (Catalogs catalogs = catalogs(Map.of())) {
            assertThat(catalogs.load(new TableName("main", "gold", third.name()))
                            .metadata()
                            .formatVersion())
                    .isEqualTo(2);
        }
    }

    private TableChange expect(
            Catalogs catalogs, LakeTable look, TableState before, ChangeKind kind, boolean contentChanged) {
        TableChange change = catalogs.between(catalogs.load(name), null, before, look.metadataLocation());
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.contentChanged()).isEqualTo(contentChanged);
        return change;
    }

    private static void rejected(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private long rows(Catalogs catalogs, String catalog) {
        LakeTable there = catalogs.load(new TableName(catalog, "gold", name.table()));
        return CountedRows.in(catalogs.open(there, there.pin(SnapshotChoice.head())));
    }

    private DataFile append(int customer) {
        table.refresh();
        DataFile file = file(row(customer));
        table.newAppend().appendFile(file).commit();
        return file;
    }

    private static Record row(int customer) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("customer_id", (long) customer);
        row.setField("updated_at", OffsetDateTime.parse("2024-01-01T00:00:00Z"));
        return row;
    }

    private DataFile file(Record... rows) {
        try {
            DataWriter<Record> writer = Parquet.writeData(
                            table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet"))
                    .schema(SCHEMA)
                    .withSpec(PartitionSpec.unpartitioned())
                    .createWriterFunc(GenericParquetWriter::create)
                    .build();
            try (writer) {
                for (Record row : rows) {
                    writer.write(row);
                }
            }
            return writer.toDataFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> properties(String reference) {
        return Map.of("type", "rest", "uri", nessie.uri(reference), "http-client.type", "urlconnection");
    }

    /// Properties of a client that signs its S3 requests with its own keys.
    private static Map<String, String> withOwnKeys(Map<String, String> properties) {
        StackAddresses stack = TestStack.shared().addresses();
        Map<String, String> all = new HashMap<>(properties);
        all.put("header.X-Iceberg-Access-Delegation", "vended-credentials");
        all.put("s3.access-key-id", stack.accessKey());
        all.put("s3.secret-access-key", stack.secretKey());
        return all;
    }

    /// Catalog `main` reads Nessie's main branch; `more` maps further catalogs to their branch or tag.
    private static Catalogs catalogs(Map<String, String> more) {
        Map<String, Map<String, String>> all = new HashMap<>(Map.of("main", properties("main")));
        more.forEach((catalog, reference) -> all.put(catalog, properties(reference)));
        StackAddresses stack = TestStack.shared().addresses();
        return Catalogs.of(
                all,
                Map.of("client.region", stack.region()),
                new Access(all.keySet(), Set.of(), List.of("s3://lake/spines"), "s3://lake/results", Set.of("main")));
    }
}
