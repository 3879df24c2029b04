package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import java.util.List;

/// One view as a request uses it.
///
/// @param name the name that features refer to: the alias, or the view's own name
/// @param field where the request names it, for violations
/// @param keyColumns the spine's column for each entity, in the order of the definition's entities
record UsedView(String name, String field, FeatureView definition, List<String> keyColumns, ReadPoint readPoint) {
    UsedView {
        keyColumns = List.copyOf(keyColumns);
    }
}
