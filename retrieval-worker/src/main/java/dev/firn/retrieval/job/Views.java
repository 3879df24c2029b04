package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The registered views at the time when a request is checked. Immutable.
public interface Views {
    /// Throws an exception of the registry if the view's record could not be decoded yet.
    Optional<FeatureView> find(String name);

    /// The names of all views that [#find] can return.
    Collection<String> names();

    /// Views whose records could all be read.
    static Views of(Map<String, FeatureView> byName) {
        Map<String, FeatureView> copy = Map.copyOf(byName);
        return new Views() {
            @Override
            public Optional<FeatureView> find(String name) {
                return Optional.ofNullable(copy.get(name));
            }

            @Override
            public Collection<String> names() {
                return copy.keySet();
            }
        };
    }

    static Views of(List<FeatureView> views) {
        return of(views.stream().collect(Collectors.toMap(FeatureView::getName, Function.identity())));
    }
}
