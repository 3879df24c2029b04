package dev.firn.benchmarks;

import java.util.List;

/// What is measured: a spine against one or more views of a table.
///
/// @param name as `--scenario` takes it
/// @param what one line for the list
/// @param spineRows rows of the spine
/// @param spineKeyOf for each key an SQL expression of the spine row's number `i`
/// @param spineTime SQL expression of the spine row's time
/// @param views in the order of the request
/// @param place where table, spine and results lie
record Scenario(
        String name,
        String what,
        TableSpec table,
        long spineRows,
        List<String> spineKeyOf,
        String spineTime,
        List<View> views,
        Place place) {
    enum Place {
        /// Files of this machine.
        MACHINE,
        /// The embedded stack's S3 server.
        STORE
    }

    Scenario(
            String name,
            String what,
            TableSpec table,
            long spineRows,
            List<String> spineKeyOf,
            String spineTime,
            List<View> views) {
        this(name, what, table, spineRows, spineKeyOf, spineTime, views, Place.MACHINE);
    }

    boolean isInStore() {
        return place == Place.STORE;
    }

    /// @param features columns of the table, each named differently in all views
    /// @param ttlMicros 0 for unlimited
    record View(String name, List<String> features, long ttlMicros) {
        View {
            features = List.copyOf(features);
        }
    }

    Scenario {
        spineKeyOf = List.copyOf(spineKeyOf);
        views = List.copyOf(views);
    }

    Scenario at(Scale scale) {
        return of(scale.of(table.rows()), scale.of(spineRows));
    }

    /// With other numbers of rows.
    Scenario of(long tableRows, long rowsOfSpine) {
        return new Scenario(name, what, table.withRows(tableRows), rowsOfSpine, spineKeyOf, spineTime, views, place);
    }

    /// Columns of the result that hold values: the row's number and every feature.
    List<String> resultColumns() {
        List<String> columns = new java.util.ArrayList<>(List.of("row_id"));
        views.forEach(view -> columns.addAll(view.features()));
        return columns;
    }

    String spineSelect() {
        StringBuilder list = new StringBuilder("i::bigint as row_id");
        for (int k = 0; k < spineKeyOf.size(); k++) {
            list.append(", ")
                    .append(spineKeyOf.get(k))
                    .append(" as ")
                    .append(table.keys().get(k).name());
        }
        return list.append(", ")
                .append(spineTime)
                .append(" as ")
                .append(TableSpec.TIME)
                .toString();
    }

    /// The name of the kept spine file: it changes with whatever shapes it.
    String spineFile() {
        return "%s-%d-%08x.parquet".formatted(name, spineRows, spineSelect().hashCode());
    }
}
