package dev.firn.lake.scan;

import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// Columns and rows of a table with an id and a row per minute.
final class MinuteRows {
    static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "value", Types.IntegerType.get()));
    static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");

    private MinuteRows() {}

    static List<Record> rows(FeatureTable table, int from, int to) {
        List<Record> rows = new ArrayList<>();
        for (int i = from; i < to; i++) {
            rows.add(table.row("id", (long) i, "ts", NOON.plusMinutes(i), "value", i * 10));
        }
        return rows;
    }
}
