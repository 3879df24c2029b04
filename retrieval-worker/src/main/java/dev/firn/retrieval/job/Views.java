package dev.firn.retrieval.job;

import dev.firn.events.FeatureView;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The registered views at the time when a request is checked. Immutable.
public final class Views {
    private final Map<String, FeatureView> byName;

    private Views(Map<String, FeatureView> byName) {
        this.byName = Map.copyOf(byName);
    }

    public static Views of(Map<String, FeatureView> byName) {
        return new Views(byName);
    }

    public static Views of(List<FeatureView> views) {
        return new Views(views.stream().collect(Collectors.toMap(FeatureView::getName, Function.identity())));
    }

    public Optional<FeatureView> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Collection<String> names() {
        return byName.keySet();
    }
}
