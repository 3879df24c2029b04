package dev.firn.benchmarks;

import java.util.List;
import java.util.stream.Collectors;

/// A table of generated rows. Every value is a hash of the row's number, so the same name and number of rows always
/// give the same data.
///
/// @param files number of data files
/// @param keys join keys
/// @param features other columns
/// @param layout in which order the rows are written, and by which writer
record TableSpec(String name, long rows, int files, List<Column> keys, List<Column> features, Layout layout) {
    static final String TIME = "event_timestamp";

    /// Event times are within one year of this many microseconds.
    static final long YEAR_MICROS = 365L * 86_400_000_000L;

    enum Layout {
        /// In the order of the row numbers, so keys and times are random.
        RANDOM,
        /// By key, then time.
        BY_KEY,
        /// One file per day, with the table partitioned by day.
        BY_DAY,
        /// Random, with the small pages of Iceberg's writers.
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

    /// @param type Iceberg's name of the type: long, int, double or string
    /// @param expression its value, an SQL expression of the row number `i`
    record Column(String name, String type, String expression) {}

    TableSpec {
        keys = List.copyOf(keys);
        features = List.copyOf(features);
    }

    TableSpec withRows(long count) {
        return new TableSpec(name, count, files, keys, features, layout);
    }

    /// Number of the first row of a file; of all rows if the file is one too many.
    long firstRow(int file) {
        return rows * file / files;
    }

    List<String> featureNames() {
        return features.stream().map(Column::name).toList();
    }

    List<String> keyNames() {
        return keys.stream().map(Column::name).toList();
    }

    /// A pseudo-random number from 0 to `below` (exclusive): column `salt` of row `i`.
    static String random(int salt, String below) {
        return "(hash(i + %d::bigint * 1000000007) %% %s)".formatted(salt, below);
    }

    /// `timestamptz '2024-01-01' + …` for a number of microseconds.
    static String instant(String micros) {
        return "(timestamptz '2024-01-01 00:00:00+00' + to_microseconds((%s)::bigint))".formatted(micros);
    }

    /// The select list of row `i`.
    String select() {
        StringBuilder list = new StringBuilder();
        keys.forEach(column -> list.append(aliased(column)).append(", "));
        list.append(instant(random(101, Long.toString(YEAR_MICROS))))
                .append(" as ")
                .append(TIME);
        features.forEach(column -> list.append(", ").append(aliased(column)));
        return list.toString();
    }

    private static String aliased(Column column) {
        return column.expression() + " as " + column.name();
    }

    /// Field ids in the order of the columns, as DuckDB expects them.
    String fieldIds() {
        List<String> names = columnNames();
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            ids.append(i == 0 ? "" : ", ").append(names.get(i)).append(": ").append(i + 1);
        }
        return ids.toString();
    }

    List<String> columnNames() {
        List<String> names = keys.stream().map(Column::name).collect(Collectors.toList());
        names.add(TIME);
        features.forEach(column -> names.add(column.name()));
        return names;
    }
}
