package dev.firn.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is measured: a spine against one or more views of a table.
///
/// @param name as `--scenario` takes it
/// @param description one line for the list
/// @param views in the order of the request
/// @param place where table, spine and results are stored
/// @param change of the table between two runs of a standing retrieval; null if only one retrieval is measured
record Scenario(
        String name,
        String description,
        TableSpec table,
        SpineSpec spine,
        List<View> views,
        Place place,
        @Nullable Change change) {
    enum Place {
        /// Local files.
        FILES,
        /// The same, of a table that was read before: Firn keeps its columns, DuckDB also reads a table of its own.
        HOT,
        /// The embedded stack's S3 server.
        STORE
    }

    /// A generated spine.
    ///
    /// @param keys for each key, an SQL expression of the row number `i`
    /// @param names of the keys; empty: those of the table's keys
    /// @param time an SQL expression of the row number `i`
    record SpineSpec(long rows, List<String> keys, List<String> names, String time) {
        SpineSpec {
            keys = List.copyOf(keys);
            names = List.copyOf(names);
        }

        SpineSpec(long rows, List<String> keys, String time) {
            this(rows, keys, List.of(), time);
        }

        SpineSpec withRows(long count) {
            return new SpineSpec(count, keys, names, time);
        }
    }

    /// @param features columns of the table; no two views may share one
    /// @param ttlMicros 0 for none
    /// @param spineKeys the spine's columns for the table's keys; empty: those of the same names
    record View(String name, List<String> features, long ttlMicros, List<String> spineKeys) {
        View {
            features = List.copyOf(features);
            spineKeys = List.copyOf(spineKeys);
        }

        View(String name, List<String> features, long ttlMicros) {
            this(name, features, ttlMicros, List.of());
        }

        /// The spine's column for the table's key `k`.
        String spineKey(TableSpec table, int k) {
            return (spineKeys.isEmpty() ? table.keyNames() : spineKeys).get(k);
        }
    }

    Scenario {
        views = List.copyOf(views);
    }

    Scenario(String name, String description, TableSpec table, SpineSpec spine, List<View> views) {
        this(name, description, table, spine, views, Place.FILES, null);
    }

    boolean isInStore() {
        return place == Place.STORE;
    }

    boolean isHot() {
        return place == Place.HOT;
    }

    Scenario at(Scale scale) {
        return withRows(scale.of(table.rows()), scale.of(spine.rows()));
    }

    Scenario withRows(long tableRows, long spineRows) {
        return new Scenario(
                name, description, table.withRows(tableRows), spine.withRows(spineRows), views, place, change);
    }

    /// The same scenario, of a table that was read before.
    Scenario hot(String newName, long spineRows) {
        return new Scenario(
                newName,
                description + "; the table was read before",
                table,
                spine.withRows(spineRows),
                views,
                Place.HOT,
                change);
    }

    /// The same scenario in the embedded stack's store.
    Scenario inStore(String newName, String newDescription, long spineRows) {
        return new Scenario(newName, newDescription, table, spine.withRows(spineRows), views, Place.STORE, change);
    }

    /// The same tables and spine, for a standing retrieval that runs before and after a change.
    Scenario changedBy(Change how, String newName, String newDescription) {
        return new Scenario(newName, newDescription, table, spine, views, place, how);
    }

    /// The columns of the result to compare: the row's number and every feature.
    List<String> resultColumns() {
        List<String> columns = new ArrayList<>(List.of("row_id"));
        views.forEach(view -> columns.addAll(view.features()));
        return columns;
    }

    String spineSelect() {
        StringBuilder list = new StringBuilder("i::bigint as row_id");
        for (int k = 0; k < spine.keys().size(); k++) {
            list.append(", ")
                    .append(spine.keys().get(k))
                    .append(" as ")
                    .append(
                            spine.names().isEmpty()
                                    ? table.keys().get(k).name()
                                    : spine.names().get(k));
        }
        return list.append(", ")
                .append(spine.time())
                .append(" as ")
                .append(TableSpec.TIME)
                .toString();
    }

    /// The name of the spine's file. It changes with everything that shapes the file.
    String spineFile() {
        return "%s-%d-%08x.parquet".formatted(name, spine.rows(), spineSelect().hashCode());
    }
}
