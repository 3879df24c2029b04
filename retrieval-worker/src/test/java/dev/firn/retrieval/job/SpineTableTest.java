package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.lake.LakeCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// docs/semantics.md rule 13 for a spine that is a table: Iceberg's own reader reads it, and its deletes apply.
final class SpineTableTest {
    private static final RetrievalRequest.Builder REQUEST = request(
            Spine.newBuilder()
                    .setKind(SpineKind.TABLE)
                    .setTable("iceberg.gold.spine")
                    .build(),
            "facts:value");
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        Table facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void rule13UuidsOfASpineAreDeletedWithAnyHighestBit() {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz, u uuid");
        lake.append(
                spine,
                "1 | 2024-02-01 | 10000000-0000-0000-0000-000000000007",
                "1 | 2024-02-01 | 50000000-0000-0000-0000-000000000007",
                "1 | 2024-02-01 | f0000000-0000-0000-0000-000000000007");
        TableFiles.deleteEqual(spine, "u", "50000000-0000-0000-0000-000000000007");
        assertThat(lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows()).hasSize(2);
    }

    @Test
    void rule13ADeleteByADroppedColumnStillApplies() {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz, note string");
        lake.append(spine, "1 | 2024-02-01 | a", "1 | 2024-02-01 | b");
        TableFiles.deleteEqual(spine, "note", "a");
        spine.updateSchema().deleteColumn("note").commit();
        assertThat(lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows()).hasSize(1);
    }

    /// A partition's values have the types of the table's current schema, the pinned one may be older.
    @Test
    void rule13AnOlderSnapshotOfAPartitionColumnThatWasWidenedSinceIsRead() {
        Schema schema = TableText.schema("id int, event_timestamp timestamptz, f float, note string");
        Table spine = lake.table(
                "spine",
                schema,
                PartitionSpec.builderFor(schema).identity("id").identity("f").build(),
                2);
        DataFile file = lake.append(spine, "1 | 2024-02-01 | 1.5 | a", "1 | 2024-02-01 | 1.5 | b");
        TableFiles.deleteEqual(spine, file, "note", "a");
        TableFiles.deleteEqual(spine, file, "id", "2");
        long before = spine.currentSnapshot().snapshotId();
        spine.updateSchema()
                .updateColumn("id", Types.LongType.get())
                .updateColumn("f", Types.DoubleType.get())
                .commit();

        RetrievalRequest.Builder then = RetrievalRequest.newBuilder(REQUEST)
                .setSpine(Spine.newBuilder(REQUEST.getSpine())
                        .setSnapshotId(before)
                        .build());
        assertThat(lake.retrieve(then).rows()).containsExactly("1 2024-02-01T00:00Z 1.5 b 10");
        assertThat(lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows())
                .containsExactly("1 2024-02-01T00:00Z 1.5 b 10");
    }

    /// Writers spell `s3://` and `s3a://` for one file, and delete positions that no file has.
    @Test
    void rule13APositionDeleteAppliesWhateverSchemeItSpells() {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz");
        DataFile written = TableFiles.write(spine, "1 | 2024-02-01", "1 | 2024-02-02", "1 | 2024-02-03");
        String path = URI.create(written.location()).getPath();
        DataFile file = DataFiles.builder(spine.spec())
                .copy(written)
                .withPath("file://" + path)
                .build();
        spine.newAppend().appendFile(file).commit();
        TableFiles.deletePositions(spine, file, "s3a://" + path, 1);
        TableFiles.deletePositions(spine, file, file.location(), -1, 2, 1L << 41, Long.MAX_VALUE);
        assertThat(lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows()).hasSize(1);
    }

    /// Such a column does not matter to a spine that leaves it out.
    @ParameterizedTest
    @MethodSource("typesThatAResultCannotHold")
    void aColumnThatAResultCannotHoldIsRefusedUnlessItIsLeftOut(Type type) {
        List<NestedField> fields = new ArrayList<>(
                TableText.schema("id long, event_timestamp timestamptz").columns());
        fields.add(NestedField.optional(3, "odd", type));
        Table spine = lake.table("spine", new Schema(fields), PartitionSpec.unpartitioned(), 3);

        assertThat(lake.codes(RetrievalRequest.newBuilder(REQUEST))).containsExactly("SPINE_COLUMN_TYPE");

        lake.append(spine, "1 | 2024-02-01 | null");
        assertThat(lake.violations(RetrievalRequest.newBuilder(REQUEST))
                        .getFirst()
                        .getMessage())
                .contains("column 'odd'", "columns");
        RetrievalRequest.Builder without = RetrievalRequest.newBuilder(REQUEST)
                .setSpine(Spine.newBuilder(REQUEST.getSpine())
                        .setColumns(List.of("id", "event_timestamp"))
                        .build());
        assertThat(lake.retrieve(without).rows()).containsExactly("1 2024-02-01T00:00Z 10");
    }

    static Stream<Type> typesThatAResultCannotHold() {
        return Stream.of(
                Types.UnknownType.get(),
                Types.VariantType.get(),
                Types.GeometryType.crs84(),
                Types.StructType.of(
                        NestedField.optional(4, "a", Types.IntegerType.get()),
                        NestedField.optional(5, "b", Types.UnknownType.get())));
    }

    /// A damaged file is an answer, not an outage to retry.
    @Test
    void aBrokenFileOfASpineIsNamed() throws IOException {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz");
        lake.append(spine, "1 | 2024-02-01");
        String location;
        try (CloseableIterable<FileScanTask> files = spine.newScan().planFiles()) {
            location = files.iterator().next().file().location();
        }
        Path file = Path.of(URI.create(location).getPath());
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, bytes.length / 2, (byte) 0x5a);
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));

        RetrievalRejected rejected = catchThrowableOfType(
                RetrievalRejected.class, () -> lake.retrieve(RetrievalRequest.newBuilder(REQUEST)));
        assertThat(rejected.violations().getFirst().getCode()).isEqualTo(LakeCode.FILE_UNREADABLE.name());
        assertThat(rejected.violations().getFirst().getMessage())
                .contains(file.getFileName().toString());
    }

    /// The checksums of pages are verified: a flipped bit is never another row.
    @Test
    void aFlippedBitInAPageOfASpineIsFound() throws IOException {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz");
        lake.append(spine, "1 | 2024-02-01", "1 | 2024-02-02", "1 | 2024-02-03");
        Path file = onlyFile(spine);
        byte[] bytes = Files.readAllBytes(file);
        List<?> rows = lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows();
        int found = 0;
        for (int at = 4; at < bytes.length / 2; at += 9) {
            bytes[at] ^= 4;
            Files.write(file, bytes);
            try {
                assertThat(lake.retrieve(RetrievalRequest.newBuilder(REQUEST)).rows())
                        .as("byte %d", at)
                        .isEqualTo(rows);
            } catch (RetrievalRejected rejected) {
                assertThat(rejected.violations().getFirst().getCode()).isEqualTo(LakeCode.FILE_UNREADABLE.name());
                found += rejected.violations().getFirst().getMessage().contains("CRC checksum") ? 1 : 0;
            }
            bytes[at] ^= 4;
        }
        assertThat(found).isPositive();
    }

    private static Path onlyFile(Table table) throws IOException {
        try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
            Path file = Path.of(
                    URI.create(files.iterator().next().file().location()).getPath());
            Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
            return file;
        }
    }
}
