package dev.firn.lake.scan;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The columns of a feature table that decide the join, by field id in the pinned schema.
///
/// @param zone the zone of zone-less timestamps; null reads them as UTC. Columns with a zone of their own and dates
///     are not touched by it
public record FeatureColumns(
        List<Integer> keyFieldIds,
        int timestampFieldId,
        @Nullable Integer createdFieldId,
        @Nullable ZoneId zone) {
    public FeatureColumns {
        keyFieldIds = List.copyOf(keyFieldIds);
        if (keyFieldIds.isEmpty()) {
            throw new IllegalArgumentException("a feature table needs a key column");
        }
    }
}
