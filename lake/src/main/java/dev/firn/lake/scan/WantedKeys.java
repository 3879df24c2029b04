package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Types.NestedField;

/// Which deleted rows can hit a key of the spine. A row of a delete that names a join key the spine does not have hides
/// no row that could match, and need not be kept. The spine's values are a filter of two bits each: a few strangers
/// pass, no wanted value is missed. Immutable.
final class WantedKeys {
    private static final int BITS_PER_VALUE = 16;

    private final FeatureColumns columns;
    private final List<long[]> filters = new ArrayList<>();

    WantedKeys(FeatureColumns columns, ScanBounds bounds) {
        this.columns = columns;
        for (Column values : bounds.keys()) {
            long words = Math.max(1, (long) values.size() * BITS_PER_VALUE / Long.SIZE);
            long[] filter = new long[(int) Long.highestOneBit(2 * words - 1)];
            for (long hash : ComparedRows.hashes(ComparedRows.valuesOf(values, values.size()), values.size())) {
                filter[(int) hash & (filter.length - 1)] |= bits(hash);
            }
            filters.add(filter);
        }
    }

    private static long bits(long hash) {
        return 1L << (hash >>> 52) | 1L << (hash >>> 58);
    }

    /// Fills `kept` with the rows that may hit one; returns how many.
    int keep(List<NestedField> fields, ComparedRows rows, int[] kept) {
        int count = rows.size();
        for (int i = 0; i < count; i++) {
            kept[i] = i;
        }
        for (int k = 0; k < filters.size(); k++) {
            for (int f = 0; f < fields.size(); f++) {
                if (fields.get(f).fieldId() == columns.keyFieldIds().get(k)) {
                    count = keep(filters.get(k), ComparedRows.hashes(rows.columns().get(f), rows.size()), kept, count);
                }
            }
        }
        return count;
    }

    private static int keep(long[] filter, long[] hashes, int[] rows, int count) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int row = rows[i];
            long bits = bits(hashes[row]);
            rows[kept] = row;
            kept += (filter[(int) hashes[row] & (filter.length - 1)] & bits) == bits ? 1 : 0;
        }
        return kept;
    }
}
