package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Types.NestedField;

/// Which deleted rows can hit a key of the spine. A row of a delete that names a join key the spine does not have
/// hides no row that could match, and need not be kept. A few strangers pass the filter, no wanted value is missed.
/// Immutable.
final class WantedKeys {
    /// A filter of 64 KiB, through which of a smaller spine hardly any stranger passes: there may be many millions.
    private static final int MIN_MEMBERS = 1 << 15;

    private final FeatureColumns columns;
    private final List<HashFilter> filters = new ArrayList<>();

    WantedKeys(FeatureColumns columns, ScanBounds bounds) {
        this.columns = columns;
        for (Column values : bounds.keys()) {
            HashFilter filter = new HashFilter(Math.max(MIN_MEMBERS, values.size()));
            for (long hash : ComparedRows.hashes(ComparedRows.valuesOf(values, values.size()), values.size())) {
                filter.add(hash);
            }
            filters.add(filter);
        }
    }

    /// Whether rows of these fields are sorted out at all.
    boolean canFilter(List<NestedField> fields) {
        return !filters.isEmpty()
                && fields.stream().anyMatch(field -> columns.keyFieldIds().contains(field.fieldId()));
    }

    /// Keeps those of all `rows` that may hit one; returns how many.
    int keep(List<NestedField> fields, ComparedRows compared, int[] rows) {
        int count = rows.length;
        for (int k = 0; k < filters.size(); k++) {
            for (int f = 0; f < fields.size(); f++) {
                if (fields.get(f).fieldId() == columns.keyFieldIds().get(k)) {
                    long[] hashes = ComparedRows.hashes(compared.columns().get(f), compared.size());
                    count = filters.get(k).keep(hashes, rows, count);
                }
            }
        }
        return count;
    }
}
