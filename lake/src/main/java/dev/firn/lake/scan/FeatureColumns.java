package dev.firn.lake.scan;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The columns of a feature table that decide the join, by field id in the pinned schema.
///
/// @param keyFieldIds empty: all rows are one group
/// @param zone the zone of timestamps without a zone; null means UTC. Does not apply to columns with a zone and to
///     dates
public record FeatureColumns(
        List<Integer> keyFieldIds,
        int timestampFieldId,
        @Nullable Integer createdFieldId,
        @Nullable ZoneId zone) {
    public FeatureColumns {
        keyFieldIds = List.copyOf(keyFieldIds);
    }
}
