package dev.firn.retrieval.job;

import dev.firn.engine.TimeScale;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.scan.FeatureColumns;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// A used view whose table is pinned, with its columns in that table.
///
/// @param keyTypes the table's type of each key, in the order of the definition's entities
/// @param scale the unit of the event timestamp
/// @param createdScale the unit of the created timestamp; null if the view has none
/// @param features the table's column of each requested feature, by the feature's index in the definition
/// @param notYet the requested features whose column was added after the snapshot; they are null
record BoundView(
        UsedView use,
        PinnedTable table,
        FeatureColumns columns,
        List<Type> keyTypes,
        NestedField timestamp,
        TimeScale scale,
        @Nullable TimeScale createdScale,
        Map<Integer, NestedField> features,
        Set<Integer> notYet) {
    BoundView {
        keyTypes = List.copyOf(keyTypes);
        features = Map.copyOf(features);
        notYet = Set.copyOf(notYet);
    }

    /// The columns of the requested features that the snapshot has.
    Collection<NestedField> fieldsToRead() {
        Map<Integer, NestedField> present = new TreeMap<>(features);
        present.keySet().removeAll(notYet);
        return present.values();
    }
}
