package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rules 13 and 14: an equality delete file may contain whole rows, as written by Flink, but compares only its equality
/// fields. Its other columns and their bounds say nothing about the deleted rows.
final class WholeRowDeletesTest {
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "value", Types.IntegerType.get()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void rule14ADeleteByKeyAppliesAlthoughItsTimeIsOutsideTheSpine() {
        FeatureTable table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2);
        table.append(List.of(table.row("id", 1L, "ts", NOON, "value", 1)));
        table.deleteEqual(new int[] {1}, List.of(table.row("id", 1L, "ts", NOON.plusDays(2), "value", 1)), SCHEMA);
        assertThat(new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, new ScanSettings(2, 97)).rows)
                .isEmpty();
        ScanBounds untilNoon = ScanBounds.ofTimes(Long.MIN_VALUE, NOON.toEpochSecond() * 1_000_000L + 5);
        assertThat(new ScannedRows(table.head(), COLUMNS, untilNoon, new ScanSettings(2, 97)).rows)
                .isEmpty();
    }

    @Test
    void rule14ADeleteByValueAppliesAlthoughItsKeyIsNotInTheSpine() {
        FeatureTable table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2);
        table.append(List.of(table.row("id", 1L, "ts", NOON, "value", 1)));
        table.deleteEqual(new int[] {3}, List.of(table.row("id", 9L, "ts", NOON, "value", 1)), SCHEMA);
        ScanBounds one = ScanBounds.of(
                List.of((Column) LongColumn.of(1)), List.of(KeyOrder.LONG), Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(new ScannedRows(table.head(), COLUMNS, one, new ScanSettings(2, 97)).rows)
                .isEmpty();
    }

    /// Loading deletes may take minutes before the first row of the table is read.
    @Test
    void loadingStopsWhenTheScanIsCancelled() {
        FeatureTable table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2);
        table.append(List.of(table.row("id", 1L, "ts", NOON, "value", 1)));
        List<Record> deleted = LongStream.range(0, 3L * DeleteFileReader.BATCH_ROWS)
                .<Record>mapToObj(id -> table.row("id", id, "ts", NOON, "value", 1))
                .toList();
        table.deleteEqual(new int[] {1}, deleted, SCHEMA);
        TableScan scan = new TableScan(
                table.head(), new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE), new ScanSettings(1, 97));
        AtomicInteger asked = new AtomicInteger();
        assertThatThrownBy(() ->
                        scan.stream(COLUMNS, () -> batch -> {}, () -> asked.incrementAndGet() == 2, ProgressSink.NONE))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("deletes");
    }
}
