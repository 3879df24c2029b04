package dev.firn.benchmarks;

import static dev.firn.benchmarks.TableSpec.random;

import dev.firn.benchmarks.Scenario.SpineSpec;
import dev.firn.benchmarks.Scenario.View;
import dev.firn.benchmarks.TableSpec.Column;
import dev.firn.benchmarks.TableSpec.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// All scenarios, at their full size.
final class Scenarios {
    private static final long DAY = 86_400_000_000L;
    private static final String CUSTOMERS = "1000000";
    private static final String ANY_TIME = TableSpec.instant(random(202, Long.toString(TableSpec.YEAR_MICROS)));

    /// The eight features of most tables: 4 doubles, 2 longs, an int, and a string with 50 distinct values.
    private static final List<Column> FEATURES = List.of(
            new Column("d1", "double", random(1, "1000000007") + " / 1e6"),
            new Column("d2", "double", random(2, "1000000007") + " / 1e6"),
            new Column("d3", "double", random(3, "100000") + " / 100::double"),
            new Column("d4", "double", random(4, "1000000007") + " / 1e6"),
            new Column("l1", "long", random(5, "1000000007") + "::bigint"),
            new Column("l2", "long", random(6, "10000") + "::bigint"),
            new Column("i1", "int", random(7, "100000") + "::int"),
            new Column("s1", "string", "'s' || " + random(8, "50")));

    private static final List<View> FACTS = List.of(view("facts", FEATURES, 0));
    private static final List<View> FACTS_OF_A_DAY = List.of(view("facts", FEATURES, DAY));

    private static final Column CUSTOMER = customer(random(100, CUSTOMERS) + "::bigint");
    private static final String CUSTOMER_OF_SPINE = random(200, CUSTOMERS) + "::bigint";

    private static final TableSpec UNIFORM = table("uniform", 50_000_000, 20, Layout.RANDOM, CUSTOMER);

    private Scenarios() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        for (long spineRows : List.of(1_000L, 10_000L, 100_000L, 1_000_000L, 5_000_000L)) {
            all.add(uniform(spineRows));
        }
        all.addAll(List.of(zipf(), wide(), strings(), composite(), days()));
        all.addAll(List.of(sorted(), sortedPages(), threeViews(), history(), flights()));
        all.addAll(refreshes());
        Scenario pages = smallPages();
        all.add(pages);
        all.add(pages.inStore("s3-10k", "the same from the embedded S3 server", 10_000));
        all.add(pages.inStore("s3-100", "the same with few spine rows", 100));
        all.addAll(hot());
        return List.copyOf(all);
    }

    private static List<Scenario> hot() {
        Scenario uniform = uniform(10_000);
        return List.of(
                uniform.hot("hot-100", 100),
                uniform.hot("hot-10k", 10_000),
                uniform.hot("hot-100k", 100_000),
                uniform.hot("hot-1m", 1_000_000),
                flights().hot("hot-flights", 100_000));
    }

    /// Scenarios that run only when they are named: they show how time and memory grow with the table.
    static List<Scenario> onDemand() {
        Scenario growth = growth("growth-200m", 200_000_000, 80);
        return List.of(
                growth("growth-10m", 10_000_000, 4),
                growth,
                growth.changedBy(
                        Change.APPEND,
                        "refresh-200m",
                        "refresh-10k with four times as many rows; runs only when named"));
    }

    /// Standing retrievals that run again after a change of their table.
    static List<Scenario> refreshes() {
        Scenario small = uniform(10_000);
        return List.of(
                small.changedBy(Change.APPEND, "refresh-10k", "an append of 1/500 of the rows"),
                uniform(1_000_000).changedBy(Change.APPEND, "refresh-1m", "the same with more spine rows"),
                small.changedBy(
                        Change.COMPACTION_AND_APPEND,
                        "refresh-compaction",
                        "every file is written again, then an append"),
                small.changedBy(
                        Change.POSITION_DELETES, "refresh-positions", "1/100 of each file is deleted by position"),
                small.changedBy(Change.EQUALITY_DELETES, "refresh-equality", "1/100 of the keys is deleted"),
                small.changedBy(
                        Change.COPY_ON_WRITE,
                        "refresh-copy-on-write",
                        "1/10 of the files is written again without 1/10 of its rows"));
    }

    static Optional<Scenario> named(String name) {
        return Stream.concat(all().stream(), onDemand().stream())
                .filter(scenario -> scenario.name().equals(name))
                .findFirst();
    }

    private static Scenario uniform(long spineRows) {
        String size = spineRows < 1_000_000 ? spineRows / 1_000 + "k" : spineRows / 1_000_000 + "m";
        return new Scenario("uniform-" + size, "random keys and times", UNIFORM, customers(spineRows), FACTS);
    }

    private static Scenario growth(String name, long rows, int files) {
        return new Scenario(
                name,
                "uniform-10k with another size of the table; runs only when named",
                table("uniform", rows, files, Layout.RANDOM, CUSTOMER),
                customers(10_000),
                FACTS);
    }

    private static Scenario zipf() {
        return new Scenario(
                "zipf-200k",
                "one key has 1/50 of the feature rows and half of the spine rows",
                table(
                        "zipf",
                        50_000_000,
                        20,
                        Layout.RANDOM,
                        customer("case when i % 50 = 0 then 7 else " + random(100, CUSTOMERS) + " end::bigint")),
                spine(200_000, "case when i % 2 = 0 then 7 else " + random(200, CUSTOMERS) + " end::bigint"),
                FACTS);
    }

    private static Scenario wide() {
        List<Column> columns = new ArrayList<>();
        for (int c = 0; c < 200; c++) {
            columns.add(new Column("f" + c, "double", random(300 + c, "1000000007") + " / 1e6"));
        }
        List<Column> requested = new ArrayList<>();
        for (int c = 0; c < 200; c += 20) {
            requested.add(columns.get(c));
        }
        return new Scenario(
                "wide-10k",
                "10 of 200 columns",
                new TableSpec("wide", 2_000_000, 4, List.of(CUSTOMER), columns, Layout.RANDOM),
                customers(10_000),
                List.of(view("facts", requested, 0)));
    }

    private static Scenario strings() {
        return new Scenario(
                "strings-100k",
                "keys are strings of 16 characters",
                table(
                        "strings",
                        20_000_000,
                        20,
                        Layout.RANDOM,
                        new Column("customer", "string", padded(random(100, CUSTOMERS)))),
                spine(100_000, padded(random(200, CUSTOMERS))),
                FACTS);
    }

    private static Scenario composite() {
        return new Scenario(
                "composite-100k",
                "keys are a string with 20 distinct values and a long",
                table(
                        "composite",
                        20_000_000,
                        20,
                        Layout.RANDOM,
                        new Column("region", "string", "'r' || " + random(110, "20")),
                        customer(random(100, "100000") + "::bigint")),
                spine(100_000, "'r' || " + random(210, "20"), random(200, "100000") + "::bigint"),
                FACTS);
    }

    private static Scenario days() {
        return new Scenario(
                "days-10k",
                "partitioned by day, a spine of one week, a TTL of one day",
                table("days", 20_000_000, 365, Layout.BY_DAY, CUSTOMER),
                new SpineSpec(
                        10_000,
                        List.of(CUSTOMER_OF_SPINE),
                        TableSpec.instant(200 * DAY + " + " + random(202, Long.toString(7 * DAY)))),
                FACTS_OF_A_DAY);
    }

    private static Scenario sorted() {
        return new Scenario(
                "sorted-10k",
                "sorted by key; the spine has 1/100 of the keys, all adjacent",
                table("sorted", 20_000_000, 20, Layout.BY_KEY, CUSTOMER),
                spine(10_000, "(420000 + " + random(200, "10000") + ")::bigint"),
                FACTS);
    }

    private static Scenario sortedPages() {
        return new Scenario(
                "sorted-pages-10k",
                "sorted by key, with small pages and a page index; the spine has 1/1000 of the keys, all adjacent",
                table("sorted_pages", 5_000_000, 5, Layout.BY_KEY_SMALL_PAGES, CUSTOMER),
                spine(10_000, "(420000 + " + random(200, "1000") + ")::bigint"),
                FACTS);
    }

    private static Scenario threeViews() {
        return new Scenario(
                "three-views-100k",
                "three views in one request: without TTL, with 30 days and with 7 days",
                UNIFORM,
                customers(100_000),
                List.of(
                        view("first", FEATURES.subList(0, 3), 0),
                        view("second", FEATURES.subList(3, 6), 30 * DAY),
                        view("third", FEATURES.subList(6, 8), 7 * DAY)));
    }

    private static TableSpec weather() {
        return table(
                "history",
                3_000_000,
                4,
                Layout.RANDOM,
                new Column("airport", "string", "'APT' || " + random(100, "229")));
    }

    private static Scenario history() {
        return new Scenario(
                "history-100k",
                "229 string keys with 13,000 rows each, a TTL of one day",
                weather(),
                spine(100_000, "'APT' || " + random(200, "229")),
                FACTS_OF_A_DAY);
    }

    private static Scenario flights() {
        return new Scenario(
                "flights",
                "the table of history-100k, read at the origin and at the destination of each flight",
                weather(),
                new SpineSpec(
                        100_000,
                        List.of("'APT' || " + random(200, "229"), "'APT' || " + random(201, "229")),
                        List.of("origin", "destination"),
                        ANY_TIME),
                List.of(
                        new View("at_origin", names(FEATURES.subList(0, 4)), DAY, List.of("origin")),
                        new View("at_destination", names(FEATURES.subList(4, 8)), DAY, List.of("destination"))));
    }

    private static Scenario smallPages() {
        return new Scenario(
                "small-pages-10k",
                "pages of 20,000 rows, as Iceberg's writers create them",
                table("pages", 5_000_000, 10, Layout.SMALL_PAGES, CUSTOMER),
                customers(10_000),
                FACTS);
    }

    private static Column customer(String expression) {
        return new Column("customer_id", "long", expression);
    }

    private static TableSpec table(String name, long rows, int files, Layout layout, Column... keys) {
        return new TableSpec(name, rows, files, List.of(keys), FEATURES, layout);
    }

    private static SpineSpec customers(long rows) {
        return spine(rows, CUSTOMER_OF_SPINE);
    }

    private static SpineSpec spine(long rows, String... keys) {
        return new SpineSpec(rows, List.of(keys), ANY_TIME);
    }

    private static View view(String name, List<Column> features, long ttlMicros) {
        return new View(name, names(features), ttlMicros);
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private static String padded(String number) {
        return "'customer-' || lpad((%s)::varchar, 7, '0')".formatted(number);
    }
}
