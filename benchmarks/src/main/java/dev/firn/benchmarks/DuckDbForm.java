package dev.firn.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Three ways in which an expert writes a point-in-time join for DuckDB. If a view has a TTL, only rows at times
/// that the spine can see are read.
enum DuckDbForm {
    /// `ASOF LEFT JOIN`, as in the manual.
    ASOF {
        @Override
        String query(Scenario scenario, String spine, Source source, List<String> times) {
            return asof(scenario, spine, source, times, false);
        }
    },
    /// The same, over only the rows whose keys are in the spine.
    SEMI {
        @Override
        String query(Scenario scenario, String spine, Source source, List<String> times) {
            return asof(scenario, spine, source, times, true);
        }
    },
    /// First the addresses of the winners, by `arg_max` over an equi-join, then the values at these addresses.
    LATE {
        @Override
        String query(Scenario scenario, String spine, Source source, List<String> times) {
            return late(scenario, spine, source, times);
        }
    };

    /// Where the table is.
    ///
    /// @param table in a from clause
    /// @param addressed the same, with the columns of the address
    /// @param addressColumns these columns
    /// @param address one number of them
    record Source(String table, String addressed, String addressColumns, String address) {
        /// @param files glob of the table's files
        static Source ofFiles(String files) {
            return new Source(
                    Database.quoted(files),
                    "read_parquet(%s, file_row_number = true)".formatted(Database.quoted(files)),
                    "file_index, file_row_number",
                    "file_index::bigint * 4294967296 + file_row_number");
        }

        /// A table of DuckDB's own.
        static Source ofTable(String name) {
            return new Source(name, "(select *, rowid as address from %s)".formatted(name), "address", "address");
        }
    }

    /// @param spine path of the spine's file
    /// @param times the earliest and the latest time of the spine, as SQL
    abstract String query(Scenario scenario, String spine, Source source, List<String> times);

    String engine() {
        return "duckdb-" + name().toLowerCase(Locale.ROOT);
    }

    private static String asof(Scenario scenario, String spine, Source source, List<String> times, boolean semi) {
        StringBuilder from =
                new StringBuilder("from ").append(Database.quoted(spine)).append(" s");
        List<String> columns = new ArrayList<>(List.of("s.*"));
        String keys = String.join(", ", scenario.table().keyNames());
        for (int v = 0; v < scenario.views().size(); v++) {
            Scenario.View view = scenario.views().get(v);
            List<String> conditions = new ArrayList<>();
            if (view.ttlMicros() > 0) {
                conditions.add(within(view, times));
            }
            String rows = source.table() + (semi ? " f semi join " + wanted(scenario, view, spine) : "");
            from.append(" asof left join (select %s, %s, %s from %s%s) v%d on %s and s.%s >= v%d.%s"
                    .formatted(
                            keys,
                            TableSpec.TIME,
                            String.join(", ", view.features()),
                            rows,
                            conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions),
                            v,
                            equal(scenario, view, "v" + v),
                            TableSpec.TIME,
                            v,
                            TableSpec.TIME));
            int number = v;
            view.features()
                    .forEach(feature -> columns.add(
                            view.ttlMicros() == 0
                                    ? "v%d.%s".formatted(number, feature)
                                    : "case when v%d.%s >= s.%s - %s then v%d.%s end as %s"
                                            .formatted(
                                                    number,
                                                    TableSpec.TIME,
                                                    TableSpec.TIME,
                                                    interval(view),
                                                    number,
                                                    feature,
                                                    feature)));
        }
        return "select " + String.join(", ", columns) + " " + from;
    }

    private static String late(Scenario scenario, String spine, Source source, List<String> times) {
        String table = source.addressed();
        StringBuilder with = new StringBuilder("with s as (from %s)".formatted(Database.quoted(spine)));
        StringBuilder from = new StringBuilder("from s");
        List<String> columns = new ArrayList<>(List.of("s.*"));
        for (int v = 0; v < scenario.views().size(); v++) {
            Scenario.View view = scenario.views().get(v);
            boolean ttl = view.ttlMicros() > 0;
            with.append((", w%d as (select s.row_id, arg_max(%s, v.%s) as address from s join (select %s, %s, %s"
                            + " from %s%s) v on %s and"
                            + " v.%s <= s.%s%s group by s.row_id)")
                    .formatted(
                            v,
                            source.address(),
                            TableSpec.TIME,
                            String.join(", ", scenario.table().keyNames()),
                            TableSpec.TIME,
                            source.addressColumns(),
                            table,
                            ttl ? " where " + within(view, times) : "",
                            equal(scenario, view, "v"),
                            TableSpec.TIME,
                            TableSpec.TIME,
                            ttl
                                    ? " and v.%s >= s.%s - %s".formatted(TableSpec.TIME, TableSpec.TIME, interval(view))
                                    : ""));
            from.append(
                    " left join w%d on w%d.row_id = s.row_id left join (select %s, %s as address from %s%s) g%d on g%d.address = w%d.address"
                            .formatted(
                                    v,
                                    v,
                                    String.join(", ", view.features()),
                                    source.address(),
                                    table,
                                    ttl ? " where " + within(view, times) : "",
                                    v,
                                    v,
                                    v));
            int number = v;
            view.features().forEach(feature -> columns.add("g%d.%s".formatted(number, feature)));
        }
        return "%s select %s %s".formatted(with, String.join(", ", columns), from);
    }

    /// The spine, and how its keys are compared with those of the table's files `f`.
    private static String wanted(Scenario scenario, Scenario.View view, String spine) {
        if (view.spineKeys().isEmpty()) {
            return "%s using (%s)"
                    .formatted(
                            Database.quoted(spine),
                            String.join(", ", scenario.table().keyNames()));
        }
        return "%s s on %s".formatted(Database.quoted(spine), equal(scenario, view, "f"));
    }

    private static String equal(Scenario scenario, Scenario.View view, String of) {
        List<String> keys = scenario.table().keyNames();
        return IntStream.range(0, keys.size())
                .mapToObj(k -> "s.%s = %s.%s".formatted(view.spineKey(scenario.table(), k), of, keys.get(k)))
                .collect(Collectors.joining(" and "));
    }

    private static String within(Scenario.View view, List<String> times) {
        return "%s between %s - %s and %s".formatted(TableSpec.TIME, times.get(0), interval(view), times.get(1));
    }

    private static String interval(Scenario.View view) {
        return "to_microseconds(%d)".formatted(view.ttlMicros());
    }
}
