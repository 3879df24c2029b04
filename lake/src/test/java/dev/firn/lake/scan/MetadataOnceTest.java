package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.Access;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.storage.ScriptedS3;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked of a store when a table is read again, with memory to keep its metadata.
final class MetadataOnceTest {
    private static final TableName NAME = new TableName("iceberg", "gold", "events");
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "note", Types.StringType.get()));
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final long AMPLE = 32L << 20;
    private static final int IDS = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private ScriptedS3 s3;

    @SuppressWarnings("NullAway.Init")
    private JdbcCatalog writer;

    @SuppressWarnings("NullAway.Init")
    private Map<String, String> properties;

    @BeforeEach
    void open() throws IOException {
        s3 = new ScriptedS3();
        properties = new HashMap<>(s3.properties());
        properties.putAll(Map.of(
                "type", "jdbc",
                "uri", "jdbc:sqlite:" + folder.resolve("catalog.db") + "?journal_mode=WAL&busy_timeout=5000",
                "warehouse", "s3://lake/warehouse",
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.aws.s3.S3FileIO"));
        writer = new JdbcCatalog();
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of("gold"));
    }

    @AfterEach
    void close() {
        writer.close();
        s3.close();
    }

    private Catalogs catalogs(long metadataBytes) {
        return Catalogs.of(
                Map.of("iceberg", properties),
                properties,
                new Access(Set.of("iceberg"), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"),
                CatalogLimits.DEFAULTS.withMetadataBytes(metadataBytes));
    }

    private FeatureTable events(TableName name) {
        return FeatureTable.create(writer, name, SCHEMA, PartitionSpec.unpartitioned(), 2);
    }

    /// Two files of several row groups, whose ids are in dictionaries with room between them.
    private FeatureTable filled() {
        FeatureTable table = events(NAME);
        table.table
                .updateProperties()
                .set("write.parquet.bloom-filter-enabled.column.note", "true")
                .commit();
        for (int file = 0; file < 2; file++) {
            List<Record> rows = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                rows.add(table.row(
                        "id",
                        2L * (i % IDS),
                        "ts",
                        NOON.plusSeconds(i),
                        "note",
                        "n".repeat(20) + new Random(i).nextLong()));
            }
            table.append(rows);
        }
        return table;
    }

    private static PinnedTable head(Catalogs catalogs, TableName name) {
        LakeTable table = catalogs.load(name);
        return catalogs.open(table, table.pin(SnapshotChoice.head()));
    }

    private static List<String> rows(PinnedTable table, long... ids) {
        return new ScannedRows(
                        table,
                        COLUMNS,
                        ScanBounds.of(
                                List.of((Column) LongColumn.of(ids)),
                                List.of(KeyOrder.LONG),
                                Long.MIN_VALUE,
                                Long.MAX_VALUE),
                        ScanSettings.DEFAULTS)
                .rows;
    }

    private List<ScriptedS3.Request> requests() {
        List<ScriptedS3.Request> taken = new ArrayList<>();
        for (ScriptedS3.Request next = s3.requests.poll(); next != null; next = s3.requests.poll()) {
            taken.add(next);
        }
        return taken;
    }

    private static List<String> kinds(List<ScriptedS3.Request> requests) {
        return requests.stream()
                .map(request -> request.key().endsWith(".json")
                        ? "table metadata"
                        : request.key().endsWith(".avro") ? "manifests" : "data files")
                .sorted()
                .toList();
    }

    private static List<String> times(int count, String what) {
        return Collections.nCopies(count, what);
    }

    @Test
    void theSecondReadAsksForRowsOnly() {
        filled();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            requests();
            List<String> first = rows(head(catalogs, NAME), 2, 6);
            List<String> askedFirst = kinds(requests());
            List<String> second = rows(head(catalogs, NAME), 2, 6);
            List<ScriptedS3.Request> askedAgain = requests();

            assertThat(second).isEqualTo(first).isNotEmpty();
            assertThat(askedFirst).contains("table metadata").containsAll(times(3, "manifests"));
            assertThat(kinds(askedAgain)).containsOnly("data files");
            assertThat(askedAgain).allSatisfy(request -> {
                assertThat(request.method()).isEqualTo("GET");
                long end =
                        Long.parseLong(request.range().substring(request.range().indexOf('-') + 1));
                assertThat(end).as("ends before the indexes and the footer").isLessThan(endOfRows(request.key()));
            });
            System.out.printf("%d requests at first, %d then%n", askedFirst.size(), askedAgain.size());
            assertThat(catalogs.metadata().hits()).isPositive();
        }
    }

    /// Nothing of these ids is in the files, which their dictionaries tell.
    @Test
    void aReadThatIsRuledOutAsksForNothing() {
        filled();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            requests();
            assertThat(rows(head(catalogs, NAME), 3, 7)).isEmpty();
            assertThat(kinds(requests())).contains("data files", "manifests", "table metadata");
            assertThat(rows(head(catalogs, NAME), 3, 7)).isEmpty();
            assertThat(requests()).isEmpty();
        }
    }

    @Test
    void withoutMemoryEverythingIsReadAgain() {
        filled();
        try (Catalogs catalogs = catalogs(0)) {
            requests();
            List<String> first = rows(head(catalogs, NAME), 2, 6);
            List<String> asked = kinds(requests());
            assertThat(rows(head(catalogs, NAME), 2, 6)).isEqualTo(first);
            assertThat(kinds(requests())).isEqualTo(asked);
        }
    }

    /// Row groups lie before all indexes in files of parquet-java.
    private long endOfRows(String key) {
        try (ParquetFile file = ParquetFile.open(new InMemoryInputFile(stored(key)), new LongAdder())) {
            BlockMetaData last = file.rowGroups().getLast();
            return last.getStartingPos() + last.getCompressedSize();
        }
    }

    @Test
    void aTableThatTheCatalogNoLongerListsIsNotFound() {
        filled();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            assertThat(rows(head(catalogs, NAME), 2)).isNotEmpty();
            writer.dropTable(TableIdentifier.of("gold", "events"), false);
            assertThatThrownBy(() -> head(catalogs, NAME))
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("TABLE_NOT_FOUND"));
        }
    }

    @Test
    void aCommitIsSeenAtOnce() {
        FeatureTable table = filled();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            int before = rows(head(catalogs, NAME), 2).size();
            table.append(List.of(table.row("id", 2L, "ts", NOON, "note", "new")));
            assertThat(rows(head(catalogs, NAME), 2)).hasSize(before + 1);
        }
    }

    /// Whoever may write a table cannot read through it what was kept of another one.
    @Test
    void whatWasReadForOneTableIsNotFoundForAnother() {
        FeatureTable table = filled();
        FeatureTable other = events(new TableName("iceberg", "gold", "other"));
        var append = other.table.newAppend();
        table.files().forEach(append::appendFile);
        append.commit();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            List<String> rows = rows(head(catalogs, NAME), 2);
            List<ScriptedS3.Request> first = requests();
            assertThat(rows(head(catalogs, new TableName("iceberg", "gold", "other")), 2))
                    .isEqualTo(rows);
            assertThat(requests().stream()
                            .filter(r -> r.key().endsWith(".parquet"))
                            .distinct())
                    .containsAll(first.stream()
                            .filter(r -> r.method().equals("GET") && r.key().endsWith(".parquet"))
                            .toList());
        }
    }

    @Test
    void nothingIsKeptOfADamagedFile() {
        filled();
        String manifest = s3.objects.keySet().stream()
                .filter(key -> key.endsWith(".avro") && !key.contains("snap-"))
                .findFirst()
                .orElseThrow();
        byte[] sound = stored(manifest);
        byte[] damaged = sound.clone();
        Arrays.fill(damaged, damaged.length - 300, damaged.length - 20, (byte) 7);
        s3.objects.put(manifest, damaged);
        try (Catalogs catalogs = catalogs(AMPLE)) {
            assertThatThrownBy(() -> rows(head(catalogs, NAME), 2))
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("FILE_UNREADABLE"));
            s3.objects.put(manifest, sound);
            assertThat(rows(head(catalogs, NAME), 2)).isNotEmpty();
        }
    }

    /// Files of tables never change, but a restored or encrypted copy has another ETag.
    @Test
    void anOverwrittenFileIsReadAnewAtTheNextTry() {
        FeatureTable table = filled();
        try (Catalogs catalogs = catalogs(AMPLE)) {
            List<String> rows = rows(head(catalogs, NAME), 2);
            String key = key(table.files().getFirst().location());
            byte[] file = stored(key).clone();
            int at = indexOf(file, "parquet-mr");
            file[at] ^= 1;
            s3.objects.put(key, file);
            assertThatThrownBy(() -> rows(head(catalogs, NAME), 2))
                    .isInstanceOf(LakeOutage.class)
                    .hasMessageContaining("was overwritten");
            assertThat(rows(head(catalogs, NAME), 2)).isEqualTo(rows);
        }
    }

    private byte[] stored(String key) {
        return Objects.requireNonNull(s3.objects.get(key));
    }

    private static String key(String location) {
        return location.substring("s3:/".length());
    }

    private static int indexOf(byte[] file, String text) {
        return new String(file, StandardCharsets.ISO_8859_1).lastIndexOf(text);
    }

    static Stream<Long> seeds() {
        return Stream.iterate(0L, seed -> seed + 1).limit(Integer.getInteger("firn.seeds", 2));
    }

    /// Too little for all that a read needs, and ample.
    @ParameterizedTest
    @ValueSource(longs = {9_000, 60_000, AMPLE})
    void aRandomHistoryReadsTheSame(long metadataBytes) {
        for (long seed : seeds().toList()) {
            TableName name = new TableName("iceberg", "gold", "history" + seed);
            FeatureTable table = FeatureTable.create(
                    writer, name, JavaHistory.SCHEMA, JavaHistory.spec((int) seed), seed % 2 == 0 ? 2 : 3);
            JavaHistory history = JavaHistory.of(table, new Random(seed));
            try (Catalogs catalogs = catalogs(metadataBytes)) {
                for (int step = 0; step < 5; step++) {
                    history.step();
                    table.table.refresh();
                    List<String> oracle = table.oracle("ts");
                    for (int read = 0; read < 2; read++) {
                        assertThat(ScannedRows.all(head(catalogs, name), COLUMNS))
                                .as("seed %d, %d bytes, after %s", seed, metadataBytes, history.steps)
                                .isEqualTo(oracle);
                    }
                }
                if (metadataBytes < AMPLE) {
                    assertThat(catalogs.metadata().evictions()).isPositive();
                }
                assertThat(catalogs.metadata().bytes()).isLessThanOrEqualTo(metadataBytes);
            }
        }
    }
}
