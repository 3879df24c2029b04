package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import dev.firn.lake.storage.StoreIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A file of a table that is cut off or holds nonsense is an answer at the first attempt, with a code. It is
/// not an outage, which would be tried again for as long as outages are.
@Timeout(180)
final class TruncatedFilesTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "tags", Types.ListType.ofOptional(4, Types.StringType.get())));

    private static final int FLIPS = 200;
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());

    /// What is damaged.
    enum Kind {
        MANIFEST_LIST,
        MANIFEST,
        DELETE_MANIFEST,
        DATA,
        EQUALITY_DELETES,
        AVRO_EQUALITY_DELETES,
        POSITION_DELETES,
        AVRO_POSITION_DELETES,
        DELETION_VECTOR
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest
    @EnumSource
    void aFileThatIsCutOffIsRefusedAtOnce(Kind kind) throws IOException {
        FeatureTable table = table(kind);
        Path file = file(table, kind);
        byte[] bytes = Files.readAllBytes(file);
        List<String> rows = ScannedRows.all(pinned(table), COLUMNS);
        assertThat(rows).hasSizeBetween(190, 200);
        for (int length : List.of(bytes.length - 1, bytes.length * 3 / 4, bytes.length / 2, 30, 3, 0)) {
            Files.write(file, Arrays.copyOf(bytes, length));
            String outcome = outcome(table, rows);
            if (kind == Kind.DELETION_VECTOR && length > 100 && outcome.equals("rows")) {
                continue; // its bytes are at the beginning of the file, and complete
            }
            assertThat(outcome)
                    .as("%s of %d bytes cut to %d", kind, bytes.length, length)
                    .startsWith("FILE_UNREADABLE [");
        }
    }

    /// Nothing covers these files but the frames of their formats, so some flips go unnoticed. None is an
    /// outage or a bug. Each run takes other bytes.
    @ParameterizedTest
    @EnumSource
    void aFlippedByteIsRefusedOrHasNoOtherFault(Kind kind) throws IOException {
        FeatureTable table = table(kind);
        Path file = file(table, kind);
        byte[] bytes = Files.readAllBytes(file);
        List<String> rows = ScannedRows.all(pinned(table), COLUMNS);
        Set<String> outcomes = new TreeSet<>();
        int step = Math.max(1, bytes.length / FLIPS);
        for (int at = Math.floorMod(SEED, step); at < bytes.length; at += step) {
            bytes[at] ^= 0x10;
            Files.write(file, bytes);
            String outcome = outcome(table, rows);
            outcomes.add(outcome.replaceAll(" .*", ""));
            assertThat(outcome)
                    .as("-Dfirn.seed=%d: %s with byte %d of %d flipped", SEED, kind, at, bytes.length)
                    .containsPattern("^(rows|other rows|[A-Z_]+ \\[)")
                    .doesNotContain("UNAVAILABLE");
            bytes[at] ^= 0x10;
        }
        assertThat(outcomes).contains("FILE_UNREADABLE");
    }

    private FeatureTable table(Kind kind) {
        FeatureTable table = FeatureTable.create(
                folder, SCHEMA, PartitionSpec.unpartitioned(), kind == Kind.DELETION_VECTOR ? 3 : 2);
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < 200; i++) {
            rows.add(table.row(
                    "id", i, "ts", OffsetDateTime.parse("2024-03-01T00:00:00Z").plusMinutes(i), "tags", List.of("a")));
        }
        List<DataFile> data = table.append(rows);
        switch (kind) {
            case MANIFEST_LIST, MANIFEST, DATA -> {}
            case EQUALITY_DELETES, DELETE_MANIFEST ->
                table.deleteEqual(new int[] {1}, List.of(table.row("id", 7L)), table.table.schema());
            case AVRO_EQUALITY_DELETES ->
                table.commit(table.equalityDelete(
                        FileFormat.AVRO,
                        new int[] {1},
                        List.of(table.row("id", 7L)),
                        table.table.schema(),
                        PartitionSpec.unpartitioned(),
                        null));
            case POSITION_DELETES, DELETION_VECTOR -> table.deletePositions(data.getFirst(), 3, 5);
            case AVRO_POSITION_DELETES -> table.deletePosition(FileFormat.AVRO, data, 3);
        }
        return table;
    }

    private static PinnedTable pinned(FeatureTable table) {
        BaseTable base = (BaseTable) table.table;
        StoreIO io = StoreIO.of(base.io());
        // read anew, since snapshots remember their manifests
        TableMetadata metadata =
                TableMetadataParser.read(io, base.operations().refresh().metadataFileLocation());
        return PinnedTables.head(new BaseTable(new StaticTableOperations(metadata, io), "test.gold.features"));
    }

    private Path file(FeatureTable table, Kind kind) throws IOException {
        var snapshot = pinned(table).iceberg().currentSnapshot();
        var io = table.table.io();
        String location =
                switch (kind) {
                    case MANIFEST_LIST -> snapshot.manifestListLocation();
                    case MANIFEST -> snapshot.dataManifests(io).getFirst().path();
                    case DELETE_MANIFEST ->
                        snapshot.deleteManifests(io).getFirst().path();
                    case DATA -> table.files().getFirst().location();
                    case EQUALITY_DELETES,
                            AVRO_EQUALITY_DELETES,
                            POSITION_DELETES,
                            AVRO_POSITION_DELETES,
                            DELETION_VECTOR -> {
                        try (var tasks = table.table.newScan().planFiles()) {
                            yield tasks.iterator().next().deletes().getFirst().location();
                        }
                    }
                };
        Path file = Path.of(location.replaceFirst("^file:", ""));
        try (Stream<Path> checksums = Files.list(file.getParent())) {
            for (Path checksum :
                    checksums.filter(path -> path.toString().endsWith(".crc")).toList()) {
                Files.delete(checksum);
            }
        }
        return file;
    }

    private static String outcome(FeatureTable table, List<String> rows) {
        try {
            return ScannedRows.all(pinned(table), COLUMNS).equals(rows) ? "rows" : "other rows";
        } catch (LakeRejection e) {
            return e.code() + " " + e.getMessage();
        } catch (RuntimeException | Error e) {
            return "fault " + e;
        }
    }
}
