package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.DateTimeUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rules 13 and 14: a deleted row stays deleted, whatever the bounds of data and delete files say.
final class DistrustedDeletesTest {
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()));
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final OffsetDateTime AT = OffsetDateTime.parse("2024-01-01T20:04:53.080758Z");
    private static final int PATH = MetadataColumns.DELETE_FILE_PATH.fieldId();

    private FeatureTable table;

    @BeforeEach
    void create(@TempDir Path folder) {
        table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2);
    }

    private static ByteBuffer bytes(long value) {
        return Conversions.toByteBuffer(Types.LongType.get(), value);
    }

    private static Metrics bounds(long rows, Map<Integer, ByteBuffer> lower, Map<Integer, ByteBuffer> upper) {
        return new Metrics(rows, null, null, null, null, lower, upper);
    }

    private DataFile append(long... ids) {
        DataFile file = table.write(Arrays.stream(ids)
                        .mapToObj(id -> table.row("id", id, "ts", AT))
                        .toList())
                .getFirst();
        table.table.newAppend().appendFile(file).commit();
        return file;
    }

    private List<String> rows() {
        return ScannedRows.all(table.head(), COLUMNS);
    }

    private DeleteFile equality(int[] ids, long id) {
        return table.equalityDelete(
                ids, List.of(table.row("id", id, "ts", AT)), SCHEMA, PartitionSpec.unpartitioned(), null);
    }

    private static DeleteFile with(DeleteFile delete, Metrics metrics, int... ids) {
        FileMetadata.Builder copy = FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .copy(delete)
                .withMetrics(metrics);
        return delete.content() == FileContent.EQUALITY_DELETES
                ? copy.ofEqualityDeletes(ids).build()
                : copy.build();
    }

    @Test
    void aCutTimeOfTheDataFileDoesNotHideItsDelete() {
        DataFile file = table.write(List.of(table.row("id", 1L, "ts", AT))).getFirst();
        ByteBuffer cut = bytes(DateTimeUtil.microsFromTimestamptz(AT) / 1_000 * 1_000);
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(table.table.spec())
                        .copy(file)
                        .withMetrics(bounds(1, Map.of(2, cut), Map.of(2, cut)))
                        .build())
                .commit();
        table.commit(equality(new int[] {1, 2}, 1));
        assertThat(rows()).isEmpty();
    }

    @Test
    void boundsOfADeleteFileInTheWrongOrderDoNotHideIt() {
        append(1, 5);
        table.commit(with(equality(new int[] {1}, 5), bounds(1, Map.of(1, bytes(9)), Map.of(1, bytes(-9))), 1));
        assertThat(rows()).hasSize(1);
    }

    @Test
    void boundsOfADataFileInTheWrongOrderDoNotHideItsDelete() {
        DataFile file = table.write(List.of(table.row("id", 1L, "ts", AT), table.row("id", 5L, "ts", AT)))
                .getFirst();
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(table.table.spec())
                        .copy(file)
                        .withMetrics(bounds(2, Map.of(1, bytes(5)), Map.of(1, bytes(1))))
                        .build())
                .commit();
        table.commit(equality(new int[] {1}, 5));
        assertThat(rows()).hasSize(1);
    }

    @Test
    void pathsCutToTheSamePrefixDoNotHideAPositionDelete() {
        DataFile file = append(1, 5);
        append(7);
        DeleteFile delete = positionDelete(file);
        ByteBuffer cut = ByteBuffer.wrap(
                file.location().substring(0, file.location().length() - 6).getBytes(StandardCharsets.UTF_8));
        Map<Integer, ByteBuffer> path = new HashMap<>(Map.of(PATH, cut));
        table.commit(FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .ofPositionDeletes()
                .withPath(delete.location())
                .withFormat(delete.format())
                .withFileSizeInBytes(delete.fileSizeInBytes())
                .withMetrics(bounds(1, path, path))
                .build());
        assertThat(rows()).hasSize(2);
    }

    private DeleteFile positionDelete(DataFile of) {
        table.deletePositions(of, 0);
        table.table.refresh();
        DeleteFile written = SnapshotChanges.builderFor(table.table)
                .snapshot(table.table.currentSnapshot())
                .build()
                .addedDeleteFiles()
                .iterator()
                .next();
        table.table
                .manageSnapshots()
                .rollbackTo(Objects.requireNonNull(table.table.currentSnapshot().parentId()))
                .commit();
        return written;
    }

    @Test
    void aDeleteOfTheSameCommitDeletesNothing() {
        DataFile file = table.write(List.of(table.row("id", 1L, "ts", AT))).getFirst();
        table.table
                .newRowDelta()
                .addRows(file)
                .addDeletes(equality(new int[] {1}, 1))
                .commit();
        assertThat(rows()).hasSize(1);
    }

    @Test
    void aDeleteBySeveralFieldsAppliesInWhateverOrderItListsThem() {
        append(1, 5);
        Schema reversed = new Schema(SCHEMA.findField("ts"), SCHEMA.findField("id"));
        GenericRecord row = GenericRecord.create(reversed);
        row.setField("id", 5L);
        row.setField("ts", AT);
        table.deleteEqual(new int[] {2, 1}, List.of(row), reversed);
        assertThat(rows()).hasSize(1);
    }

    @Test
    void aDeleteByAColumnThatWasDroppedSinceStillApplies() {
        table.table.updateSchema().addColumn("old", Types.IntegerType.get()).commit();
        int old = table.table.schema().findField("old").fieldId();
        table.append(List.of(table.row("id", 1L, "ts", AT, "old", 10), table.row("id", 2L, "ts", AT, "old", 20)));
        table.deleteEqual(new int[] {old}, List.of(table.row("id", 2L, "ts", AT, "old", 20)), table.table.schema());
        table.table.updateSchema().deleteColumn("old").commit();
        assertThat(rows()).hasSize(1);
    }

    @Test
    void fiftyThousandEqualityDeletesHideTheirRows() {
        long[] ids = LongStream.range(0, 60_000).toArray();
        append(ids);
        table.deleteEqual(
                new int[] {1},
                () -> LongStream.range(0, 50_000)
                        .mapToObj(id -> table.row("id", id, "ts", AT))
                        .iterator(),
                SCHEMA);
        assertThat(rows()).hasSize(10_000);
    }
}
