package dev.firn.benchmarks;

import static dev.firn.benchmarks.TableSpec.random;

import dev.firn.benchmarks.Scenario.View;
import dev.firn.benchmarks.TableSpec.Col;
import dev.firn.benchmarks.TableSpec.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// All scenarios, at their full size.
final class Scenarios {
    private static final long DAY = 86_400_000_000L;
    private static final String CUSTOMERS = "1000000";
    private static final String YEAR = Long.toString(TableSpec.YEAR_MICROS);
    private static final String ANY_TIME = TableSpec.instant(random(202, YEAR));

    /// The eight features of most tables: 4 doubles, 2 longs, an int, a string of 50 values.
    private static final List<Col> FEATURES = List.of(
            new Col("d1", "double", random(1, "1000000007") + " / 1e6"),
            new Col("d2", "double", random(2, "1000000007") + " / 1e6"),
            new Col("d3", "double", random(3, "100000") + " / 100::double"),
            new Col("d4", "double", random(4, "1000000007") + " / 1e6"),
            new Col("l1", "long", random(5, "1000000007") + "::bigint"),
            new Col("l2", "long", random(6, "10000") + "::bigint"),
            new Col("i1", "int", random(7, "100000") + "::int"),
            new Col("s1", "string", "'s' || " + random(8, "50")));

    private static final Col CUSTOMER = new Col("customer_id", "long", "");
    private static final String CUSTOMER_OF_ROW = random(100, CUSTOMERS) + "::bigint";
    private static final String CUSTOMER_OF_SPINE = random(200, CUSTOMERS) + "::bigint";

    private static final TableSpec UNIFORM = table("uniform", 50_000_000, 20, CUSTOMER_OF_ROW, Layout.RANDOM);

    private Scenarios() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.add(uniform("uniform-1k", 1_000));
        all.add(uniform("uniform-10k", 10_000));
        all.add(uniform("uniform-100k", 100_000));
        all.add(uniform("uniform-1m", 1_000_000));
        all.add(uniform("uniform-5m", 5_000_000));
        // a fiftieth of the feature rows and half of the spine are of one customer
        all.add(new Scenario(
                "zipf-200k",
                "one key with a fiftieth of the feature rows and half of the spine",
                table(
                        "zipf",
                        50_000_000,
                        20,
                        "case when i % 50 = 0 then 7 else " + random(100, CUSTOMERS) + " end::bigint",
                        Layout.RANDOM),
                200_000,
                List.of("case when i % 2 = 0 then 7 else " + random(200, CUSTOMERS) + " end::bigint"),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(wide());
        all.add(new Scenario(
                "strings-100k",
                "keys are strings of 16 characters",
                new TableSpec(
                        "strings",
                        20_000_000,
                        20,
                        List.of(new Col("customer", "string", "")),
                        FEATURES,
                        List.of(padded(random(100, CUSTOMERS))),
                        Layout.RANDOM),
                100_000,
                List.of(padded(random(200, CUSTOMERS))),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(new Scenario(
                "composite-100k",
                "keys are a string of 20 values and a long",
                new TableSpec(
                        "composite",
                        20_000_000,
                        20,
                        List.of(new Col("region", "string", ""), CUSTOMER),
                        FEATURES,
                        List.of("'r' || " + random(110, "20"), random(100, "100000") + "::bigint"),
                        Layout.RANDOM),
                100_000,
                List.of("'r' || " + random(210, "20"), random(200, "100000") + "::bigint"),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(new Scenario(
                "days-10k",
                "partitioned by day, a spine of one week, a TTL of one day",
                table("days", 20_000_000, 365, CUSTOMER_OF_ROW, Layout.BY_DAY),
                10_000,
                List.of(random(200, CUSTOMERS) + "::bigint"),
                TableSpec.instant(200 * DAY + " + " + random(202, Long.toString(7 * DAY))),
                List.of(view("facts", FEATURES, DAY))));
        all.add(new Scenario(
                "sorted-10k",
                "sorted by key, a spine of a hundredth of the keys side by side",
                table("sorted", 20_000_000, 20, CUSTOMER_OF_ROW, Layout.BY_KEY),
                10_000,
                List.of("(420000 + " + random(200, "10000") + ")::bigint"),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(new Scenario(
                "sorted-pages-10k",
                "sorted by key, with small pages and a page index; a spine of a thousandth of the keys side by side",
                table("sorted_pages", 5_000_000, 5, CUSTOMER_OF_ROW, Layout.BY_KEY_SMALL_PAGES),
                10_000,
                List.of("(420000 + " + random(200, "1000") + ")::bigint"),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(new Scenario(
                "three-views-100k",
                "three views in one request, with TTLs of none, 30 days and 7 days",
                UNIFORM,
                100_000,
                List.of(CUSTOMER_OF_SPINE),
                ANY_TIME,
                List.of(
                        view("first", FEATURES.subList(0, 3), 0),
                        view("second", FEATURES.subList(3, 6), 30 * DAY),
                        view("third", FEATURES.subList(6, 8), 7 * DAY))));
        all.add(new Scenario(
                "history-100k",
                "229 string keys with 13,000 rows each, a TTL of one day",
                new TableSpec(
                        "history",
                        3_000_000,
                        4,
                        List.of(new Col("airport", "string", "")),
                        FEATURES,
                        List.of("'APT' || " + random(100, "229")),
                        Layout.RANDOM),
                100_000,
                List.of("'APT' || " + random(200, "229")),
                ANY_TIME,
                List.of(view("facts", FEATURES, DAY))));
        all.add(new Scenario(
                "small-pages-10k",
                "pages of 20,000 rows, as Iceberg's writers make them",
                table("pages", 5_000_000, 10, CUSTOMER_OF_ROW, Layout.SMALL_PAGES),
                10_000,
                List.of(CUSTOMER_OF_SPINE),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0))));
        all.add(named(all, "small-pages-10k", "s3-10k", "the same from the embedded S3 server", 10_000));
        all.add(named(all, "small-pages-10k", "s3-100", "the same for a few rows of the spine", 100));
        return List.copyOf(all);
    }

    private static Scenario named(List<Scenario> all, String like, String name, String what, long spineRows) {
        Scenario model = all.stream()
                .filter(scenario -> scenario.name().equals(like))
                .findFirst()
                .orElseThrow();
        return new Scenario(
                name,
                what,
                model.table(),
                spineRows,
                model.spineKeyOf(),
                model.spineTime(),
                model.views(),
                Scenario.Place.STORE);
    }

    /// Those that run only when they are named: they show how time and memory grow with the table.
    static List<Scenario> onDemand() {
        return List.of(grown("growth-10m", 10_000_000, 4), grown("growth-200m", 200_000_000, 80));
    }

    private static Scenario grown(String name, long rows, int files) {
        return new Scenario(
                name,
                "uniform-10k on a table of another size; run when named",
                table("uniform", rows, files, CUSTOMER_OF_ROW, Layout.RANDOM),
                10_000,
                List.of(CUSTOMER_OF_SPINE),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0)));
    }

    static Optional<Scenario> named(String name) {
        return Stream.concat(all().stream(), onDemand().stream())
                .filter(scenario -> scenario.name().equals(name))
                .findFirst();
    }

    private static TableSpec table(String name, long rows, int files, String keyOf, Layout layout) {
        return new TableSpec(name, rows, files, List.of(CUSTOMER), FEATURES, List.of(keyOf), layout);
    }

    private static Scenario uniform(String name, long spineRows) {
        return new Scenario(
                name,
                "keys and times at random",
                UNIFORM,
                spineRows,
                List.of(CUSTOMER_OF_SPINE),
                ANY_TIME,
                List.of(view("facts", FEATURES, 0)));
    }

    private static Scenario wide() {
        List<Col> columns = new ArrayList<>();
        for (int c = 0; c < 200; c++) {
            columns.add(new Col("f" + c, "double", random(300 + c, "1000000007") + " / 1e6"));
        }
        List<Col> asked = new ArrayList<>();
        for (int c = 0; c < 200; c += 20) {
            asked.add(columns.get(c));
        }
        return new Scenario(
                "wide-10k",
                "10 of 200 columns",
                new TableSpec(
                        "wide", 2_000_000, 4, List.of(CUSTOMER), columns, List.of(CUSTOMER_OF_ROW), Layout.RANDOM),
                10_000,
                List.of(CUSTOMER_OF_SPINE),
                ANY_TIME,
                List.of(view("facts", asked, 0)));
    }

    private static View view(String name, List<Col> features, long ttlMicros) {
        return new View(name, features.stream().map(Col::name).toList(), ttlMicros);
    }

    private static String padded(String number) {
        return "'customer-' || lpad((%s)::varchar, 7, '0')".formatted(number);
    }
}
