package dev.firn.registration.validation;

import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import java.util.List;

/// A definition resolved in its table's metadata: each column with its field id, the table with its snapshot.
public record Resolution(List<ResolvedColumn> entities, List<ResolvedColumn> features, ResolvedSource source) {
    public Resolution {
        entities = List.copyOf(entities);
        features = List.copyOf(features);
    }
}
