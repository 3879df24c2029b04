package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ConstantColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// The joined parts of a gathering.
final class Gathered {
    private Gathered() {}

    static List<Column> of(TableScan scan, PinnedTable table, long[] addresses, int... fieldIds) {
        Map<Integer, List<Column>> parts = new ConcurrentSkipListMap<>();
        scan.gather(addresses, Arrays.stream(fieldIds).boxed().toList(), () -> false, (first, columns) -> {
            if (parts.put(first, columns) != null) {
                throw new AssertionError("address " + first + " twice");
            }
        });
        List<Column> joined = new ArrayList<>();
        for (int f = 0; f < fieldIds.length; f++) {
            int field = f;
            joined.add(
                    parts.isEmpty()
                            ? ConstantColumns.of(table.schema().findType(fieldIds[f]), null, 0)
                            : ColumnParts.concatenated(parts.values().stream()
                                    .map(part -> part.get(field))
                                    .toList()));
        }
        return joined;
    }
}
