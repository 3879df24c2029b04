package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import dev.firn.events.ViewPin;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One view as a request uses it.
///
/// @param name what the request calls it: the alias, or the view's name
/// @param field where the request speaks of it, for violations
/// @param keyColumns the spine's column of each entity, in the order of the definition's entities
/// @param pin what an earlier retrieval fixed; null when it is pinned now
record UsedView(
        String name,
        String field,
        FeatureView definition,
        List<String> keyColumns,
        @Nullable String ref,
        @Nullable Long snapshotId,
        @Nullable Instant snapshotAsOf,
        @Nullable ViewPin pin) {
    UsedView {
        keyColumns = List.copyOf(keyColumns);
    }

    String tableName() {
        var source = definition.getSource();
        return source.getCatalog() + "." + source.getSchema$() + "." + source.getTableName();
    }

    static boolean sameName(String one, String other) {
        return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }
}
