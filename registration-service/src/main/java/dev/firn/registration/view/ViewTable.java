package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedSource;

/// The name of a view's table, which is the key of its watch.
public final class ViewTable {
    private ViewTable() {}

    /// `catalog.schema.table`
    public static String of(FeatureView view) {
        ResolvedSource source = view.getSource();
        return "%s.%s.%s".formatted(source.getCatalog(), source.getSchema$(), source.getTableName());
    }
}
