package dev.firn.benchmarks;

import java.util.List;
import java.util.stream.Collectors;

/// A table of generated rows. Every value is a hash of the row's number, so that the same name and number of rows
/// always give the same data.
///
/// @param name of the table
/// @param rows of it
/// @param files data files
/// @param keys join keys
/// @param features other columns
/// @param keyOf for each key an SQL expression of the row number `i`
/// @param layout in what order and by whom the files are written
record TableSpec(
        String name, long rows, int files, List<Col> keys, List<Col> features, List<String> keyOf, Layout layout) {
    static final String TIME = "event_timestamp";

    /// Microseconds of the year that event times lie in.
    static final long YEAR_MICROS = 365L * 86_400_000_000L;

    enum Layout {
        /// In the order of the row numbers: keys and times at random.
        RANDOM,
        /// By key, then time.
        BY_KEY,
        /// A file for each day, the table partitioned by day.
        BY_DAY,
        /// At random, with the small pages of Iceberg's writers.
        SMALL_PAGES,
        /// By key, then time, with small pages.
        BY_KEY_SMALL_PAGES;

        boolean isByKey() {
            return this == BY_KEY || this == BY_KEY_SMALL_PAGES;
        }

        boolean hasSmallPages() {
            return this == SMALL_PAGES || this == BY_KEY_SMALL_PAGES;
        }
    }

    /// @param type Iceberg's name of the type: long, int, double, string
    /// @param of SQL expression of the row number `i`; `null` for a key, whose is the table's
    record Col(String name, String type, String of) {}

    TableSpec {
        keys = List.copyOf(keys);
        features = List.copyOf(features);
        keyOf = List.copyOf(keyOf);
    }

    TableSpec withRows(long count) {
        return new TableSpec(name, count, files, keys, features, keyOf, layout);
    }

    List<String> featureNames() {
        return features.stream().map(Col::name).toList();
    }

    List<String> keyNames() {
        return keys.stream().map(Col::name).toList();
    }

    /// A pseudo-random number from 0 to `below` (exclusive): column `salt` of row `i`.
    static String random(int salt, String below) {
        return "(hash(i + %d::bigint * 1000000007) %% %s)".formatted(salt, below);
    }

    /// `timestamptz '2024-01-01' + …` for a number of microseconds.
    static String instant(String micros) {
        return "(timestamptz '2024-01-01 00:00:00+00' + to_microseconds((%s)::bigint))".formatted(micros);
    }

    /// The select list of the row numbered `i`.
    String select() {
        StringBuilder list = new StringBuilder();
        for (int k = 0; k < keys.size(); k++) {
            list.append(keyOf.get(k)).append(" as ").append(keys.get(k).name()).append(", ");
        }
        list.append(instant(random(101, Long.toString(YEAR_MICROS))))
                .append(" as ")
                .append(TIME);
        features.forEach(
                column -> list.append(", ").append(column.of()).append(" as ").append(column.name()));
        return list.toString();
    }

    /// Field ids in the order of the columns, as DuckDB writes them.
    String fieldIds() {
        List<String> names = columnNames();
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            ids.append(i == 0 ? "" : ", ").append(names.get(i)).append(": ").append(i + 1);
        }
        return ids.toString();
    }

    List<String> columnNames() {
        List<String> names = keys.stream().map(Col::name).collect(Collectors.toList());
        names.add(TIME);
        features.forEach(column -> names.add(column.name()));
        return names;
    }
}
