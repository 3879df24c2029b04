package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Everything a scan returns: addresses from the stream, all columns from gathering.
final class ScannedRows {
    final List<String> rows = new ArrayList<>();
    final Map<Long, Long> timeByAddress = new ConcurrentSkipListMap<>();
    final ScanPlan plan;

    ScannedRows(PinnedTable table, FeatureColumns columns, ScanBounds bounds, ScanSettings settings) {
        this(table, columns, bounds, settings, FeatureTable::text);
    }

    ScannedRows(
            PinnedTable table,
            FeatureColumns columns,
            ScanBounds bounds,
            ScanSettings settings,
            Function<@Nullable Object, String> text) {
        plan = new ScanPlanner().plan(table, columns, bounds);
        TableScan scan = new TableScan(table, plan, settings);
        scan.stream(
                columns,
                () -> batch -> {
                    for (int i = 0; i < batch.size(); i++) {
                        assertThat(timeByAddress.put(batch.address(i), batch.timestamps()[i]))
                                .as("address %d twice", batch.address(i))
                                .isNull();
                    }
                },
                () -> false,
                ProgressSink.NONE);
        long[] addresses =
                timeByAddress.keySet().stream().mapToLong(Long::longValue).toArray();
        List<NestedField> fields = table.schema().columns();
        List<Column> values = Gathered.of(
                scan,
                table,
                addresses,
                fields.stream().mapToInt(NestedField::fieldId).toArray());
        for (int i = 0; i < addresses.length; i++) {
            List<String> row = new ArrayList<>();
            for (int c = 0; c < fields.size(); c++) {
                row.add(text.apply(ColumnValues.value(fields.get(c).type(), values.get(c), i)));
            }
            rows.add(row.toString());
        }
        rows.sort(null);
    }

    static List<String> all(PinnedTable table, FeatureColumns columns) {
        return new ScannedRows(table, columns, ScanBounds.NONE, new ScanSettings(2, 97)).rows;
    }
}
