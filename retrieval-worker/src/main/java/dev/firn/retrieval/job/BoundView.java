package dev.firn.retrieval.job;

import dev.firn.engine.TimeScale;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.scan.FeatureColumns;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// A used view whose table is pinned, with its columns in that table.
///
/// @param keyTypes the table's type of each key, in the order of the definition's entities
/// @param scale the unit of the event timestamp
/// @param createdScale the unit of the created timestamp; null if the view has none
/// @param features the table's column of each requested feature, by the feature's index in the definition
record BoundView(
        UsedView use,
        PinnedTable table,
        FeatureColumns columns,
        List<Type> keyTypes,
        NestedField timestamp,
        TimeScale scale,
        @Nullable TimeScale createdScale,
        Map<Integer, NestedField> features) {
    BoundView {
        keyTypes = List.copyOf(keyTypes);
        features = Map.copyOf(features);
    }
}
