package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Types.NestedField;

/// Filters deleted rows by the keys of the spine. A delete with a join key that is not in the spine cannot hide a
/// matching row and need not be kept. The filter has a few false positives but never drops a wanted value. Immutable.
final class WantedKeys {
    /// A filter of 64 KiB has hardly any false positives for small spines, even among many millions of deletes.
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

    /// Whether rows of these fields can be filtered at all.
    boolean canFilter(List<NestedField> fields) {
        return !filters.isEmpty()
                && fields.stream().anyMatch(field -> columns.keyFieldIds().contains(field.fieldId()));
    }

    /// Keeps those of `rows` that may hit a key; returns how many remain.
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
