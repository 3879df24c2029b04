package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.RowAddress;
import dev.firn.lake.parquet.ParquetSource;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Long values shared by many rows take little space in a file but their full length per row in memory, so the memory
/// bounds how much is read at once.
final class WideDictionaryTest {
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "wide", Types.StringType.get()));
    private static final int ROWS = 20_000;
    private static final int WIDE_STEP = 20;
    private static final int WIDE_BYTES = 100_000;
    private static final long MAX_BYTES = 17L << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table;

    @BeforeEach
    void oneRowInTwentyIsWide() {
        table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2);
        table.table
                .updateProperties()
                .set("write.parquet.row-group-size-bytes", String.valueOf(1 << 30))
                .commit();
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(table.row("id", (long) i, "ts", NOON, "wide", value(i)));
        }
        table.append(rows);
    }

    private static String value(int row) {
        return row % WIDE_STEP == 0
                ? String.valueOf((char) ('a' + row / WIDE_STEP % 4)).repeat(WIDE_BYTES)
                : "short";
    }

    @Test
    void winnersAreGatheredInParts() {
        TableScan scan = new TableScan(
                table.head(), new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE), new ScanSettings(1, 97));
        long[] addresses = LongStream.range(0, ROWS / WIDE_STEP)
                .map(i -> RowAddress.of(0, i * WIDE_STEP))
                .toArray();
        AtomicInteger gathered = new AtomicInteger();
        scan.gather(addresses, List.of(3), () -> false, (first, columns) -> {
            assertThat(first).isEqualTo(gathered.get());
            BytesColumn wide = (BytesColumn) columns.getFirst();
            assertThat(bytes(wide)).isBetween(1L, MAX_BYTES);
            assertThat(wide.string(0)).isEqualTo(value(first * WIDE_STEP));
            gathered.addAndGet(wide.size());
        });
        assertThat(gathered).hasValue(addresses.length);
    }

    @Test
    void aSpineComesInShortBatches() {
        ScanPlan plan = new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE);
        String file = plan.plannedFiles().getFirst().location();
        int read = 0;
        try (ParquetSource source = ParquetSource.open(table.table.io().newInputFile(file))) {
            Iterator<List<Column>> batches = source.batches(List.of("wide"), 65_536);
            while (batches.hasNext()) {
                BytesColumn wide = (BytesColumn) batches.next().getFirst();
                assertThat(bytes(wide)).isBetween(1L, MAX_BYTES);
                read += wide.size();
            }
        }
        assertThat(read).isEqualTo(ROWS);
    }

    private static long bytes(BytesColumn column) {
        long bytes = 0;
        for (int row = 0; row < column.size(); row++) {
            bytes += column.bytes(row).length;
        }
        return bytes;
    }
}
