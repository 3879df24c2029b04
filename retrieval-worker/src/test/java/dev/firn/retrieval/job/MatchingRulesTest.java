package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static dev.firn.retrieval.job.Given.use;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedSource;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// docs/semantics.md rules 2 to 8: which feature row a spine row finds, by keys, times, TTL and `created`. Each test is
/// a whole retrieval over real Iceberg tables.
final class MatchingRulesTest {
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void rule2ANullKeyMatchesNothingAndTheOtherViewsStillAnswer() {
        lake.facts("facts", "null | 2024-01-01 | 10", "1 | 2024-01-01 | 11");
        Table others = lake.table("others", "region string, event timestamptz, size int");
        lake.append(others, "eu | 2024-01-01 | 5");
        lake.register(lake.view(others, List.of("region"), List.of("size")));

        ResultTable result = lake.retrieve(request(
                rows(List.of("id", "region", "event_timestamp"), row("null", "eu", "2024-01-02")),
                "facts:value",
                "others:size"));

        assertThat(result.rows()).containsExactly("null eu 2024-01-02T00:00Z null 5");
    }

    @Test
    void rule3ANullTimestampOnEitherSideMatchesNothing() {
        lake.facts("facts", "1 | null | 10", "2 | 2024-01-01 | 20");

        ResultTable result = lake.retrieve(request(
                rows(List.of("id", "event_timestamp"), row("1", "2024-01-02"), row("2", "null")), "facts:value"));

        assertThat(result.column("value")).containsExactly("null", "null");
    }

    @Test
    void rule4ANullInTheWinningRowStaysNull() {
        lake.facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-01-02 | null");

        assertThat(lake.values("facts:value", "1 2024-01-03")).containsExactly("null");
    }

    @Test
    void rule5ZeroTtlIsUnlimitedAndASubSecondTtlWorks() {
        Table facts = lake.facts("facts", "1 | 1950-01-01 | 10", "2 | 2024-01-01T00:00:00Z | 20");
        assertThat(lake.values("facts:value", "1 2024-01-01T00:00:00Z")).containsExactly("10");

        lake.register(lake.view(facts, List.of("id"), List.of("value")).setTtlMicros(250_000));
        assertThat(lake.values("facts:value", "2 2024-01-01T00:00:00.250Z", "2 2024-01-01T00:00:00.250001Z"))
                .containsExactly("20", "null");
    }

    @Test
    void rule6CreatedBreaksTiesAndHidesOnlyWhenAskedTo() {
        Table facts = lake.table("facts", "id long, event timestamptz, created timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | null | 1", "1 | 2024-01-01 | 2024-01-05 | 2", "2 | 2024-01-01 | null | 3");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        Spine spine = rows(List.of("id", "event_timestamp"), row("1", "2024-01-02"), row("2", "2024-01-02"));

        assertThat(lake.retrieve(request(spine, "facts:value")).column("value")).containsExactly("2", "3");
        assertThat(lake.retrieve(request(spine, "facts:value").setFilterByCreated(true))
                        .column("value"))
                .containsExactly("null", "null");
    }

    @Test
    void rule6AViewWithoutCreatedCannotBeFilteredByIt() {
        lake.facts("facts", "1 | 2024-01-01 | 10");

        assertThat(lake.codes(request(ids("id", "1"), "facts:value").setFilterByCreated(true)))
                .containsExactly("CREATED_REQUIRED");
    }

    @Test
    void rule7ZonelessTimesOfViewAndSpineAreReadInTheirZones() {
        Table facts = lake.table("facts", "id long, event timestamp, value int");
        // 02:30 occurs twice; the earlier one, in summer time, is 00:30 UTC
        lake.append(facts, "1 | 2024-10-27T02:30:00 | 10");
        FeatureView.Builder view = lake.view(facts, List.of("id"), List.of("value"));
        lake.register(view.setSource(ResolvedSource.newBuilder(view.getSource())
                .setTimestampZone("Europe/Berlin")
                .build()));

        assertThat(lake.values("facts:value", "1 2024-10-27T00:29:59Z", "1 2024-10-27T00:30:00Z"))
                .containsExactly("null", "10");

        Spine newYork = Spine.newBuilder(rows(
                        List.of("id", "event_timestamp"),
                        row("1", "2024-10-26T20:29:59"),
                        row("1", "2024-10-26T20:30:00")))
                .setTimestampZone("America/New_York")
                .build();
        assertThat(lake.retrieve(request(newYork, "facts:value")).column("value"))
                .containsExactly("null", "10");
    }

    @Test
    void rule7ASpringGapShiftsForward() {
        lake.facts("facts", "1 | 2024-03-31T01:30:00Z | 10");
        Spine gap = Spine.newBuilder(rows(List.of("id", "event_timestamp"), row("1", "2024-03-31T02:30:00")))
                .setTimestampZone("Europe/Berlin")
                .build();

        assertThat(lake.retrieve(request(gap, "facts:value")).column("value")).containsExactly("10");
    }

    @ParameterizedTest
    @CsvSource({
        "timestamptz, 1969-12-31T23:59:59.999999Z, 1969-12-31T23:59:59.999998Z, 1969-12-31T23:59:59.999999Z",
        "timestamp, 2262-04-12T00:00:00, 2262-04-11T23:59:59.999999Z, 2262-04-12T00:00:00Z",
        "timestamptz_ns, 2024-01-01T00:00:00.000000001Z, 2024-01-01T00:00:00Z, 2024-01-01T00:00:00.000001Z",
        "timestamp_ns, 1960-01-01T00:00:00.000000001, 1960-01-01T00:00:00Z, 1960-01-01T00:00:00.000001Z",
        "date, 1950-06-01, 1950-05-31T23:59:59.999999Z, 1950-06-01T00:00:00Z"
    })
    void rule7EveryTimestampTypeComparesExactly(String type, String event, String before, String at) {
        Table facts = lake.table(
                "facts", TableText.schema("id long, event " + type + ", value int"), PartitionSpec.unpartitioned(), 3);
        lake.append(facts, "1 | " + event + " | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(lake.values("facts:value", "1 " + before, "1 " + at)).containsExactly("null", "10");
    }

    @Test
    void rule8CompositeKeysCompareColumnByColumn() {
        Table facts = lake.table("facts", "a string, b string, event timestamptz, value int");
        lake.append(facts, "1 | 23 | 2024-01-01 | 10", "12 | 3 | 2024-01-01 | 20");
        lake.register(lake.view(facts, List.of("a", "b"), List.of("value")));

        ResultTable result = lake.retrieve(request(
                rows(
                        List.of("a", "b", "event_timestamp"),
                        row("12", "3", "2024-01-02"),
                        row("1", "23", "2024-01-02"),
                        row("123", "", "2024-01-02")),
                "facts:value"));

        assertThat(result.column("value")).containsExactly("20", "10", "null");
    }

    @ParameterizedTest
    @CsvSource({
        "'decimal(9,2)', 1.50, 1.5",
        "uuid, 0f3c0000-0000-0000-0000-0000000000aa, 0F3C0000-0000-0000-0000-0000000000AA",
        "date, 2024-02-29, 2024-02-29",
        "boolean, true, true",
        "binary, 00ff, 00FF",
        "'fixed[2]', 00ff, 00ff",
        "string, 007, 007",
        "time, 10:00:00, 10:00",
        "timestamptz, 2024-01-01T00:00:00Z, 2024-01-01T01:00:00+01:00",
        "int, 7, 007"
    })
    void rule8KeysOfEveryTypeWorkFromText(String type, String key, String text) {
        Table facts = lake.table("facts", "id " + type + ", event timestamptz, value int");
        lake.append(facts, key + " | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(lake.values("facts:value", text + " 2024-01-02")).containsExactly("10");
    }

    @Test
    void rule8LeadingZerosOfAStringKeyStay() {
        Table facts = lake.table("facts", "id string, event timestamptz, value int");
        lake.append(facts, "7 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        ResultTable result =
                lake.retrieve(request(rows(List.of("id", "event_timestamp"), row("007", "2024-01-02")), "facts:value"));
        assertThat(result.rows()).containsExactly("007 2024-01-02T00:00Z null");
    }

    @Test
    void rule8TypedSpinesCompareIntegersByValue() {
        Table facts = lake.table("facts", "id int, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        String location = lake.spineParquet(
                "wide.parquet",
                TableText.schema("id long, event_timestamp timestamptz"),
                "1 | 2024-01-02",
                "4294967297 | 2024-01-02");

        assertThat(lake.retrieve(request(files(SpineKind.PARQUET, location), "facts:value"))
                        .column("value"))
                .containsExactly("10", "null");
    }

    @Test
    void rule8ADoubleKeyIsAMismatchThatNamesTheCast() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String location = lake.spineParquet(
                "pandas.parquet", TableText.schema("id double, event_timestamp timestamptz"), "1.0 | 2024-01-02");

        Violation violation = lake.violations(request(files(SpineKind.PARQUET, location), "facts:value"))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("KEY_TYPE_MISMATCH");
        assertThat(violation.getMessage())
                .contains("double")
                .contains("cast it to long")
                .contains("Int64");
    }

    @Test
    void rule8TextThatIsNotAValidKeyIsRefused() {
        lake.facts("facts", "1 | 2024-01-01 | 10");

        assertThat(lake.codes(request(ids("id", "1.0"), "facts:value"))).containsExactly("SPINE_VALUE_INVALID");
    }

    /// Text is read as a type that holds the values of all views that have the key, whichever comes first.
    @ParameterizedTest
    @CsvSource({
        "'decimal(4, 2)', 1.00, 'decimal(9, 2)', 1234567.00, 1234567",
        "'decimal(9, 2)', 1.00, 'decimal(9, 4)', 12345.0001, 12345.0001",
        "'decimal(4, 0)', 1, long, 123456789012, 123456789012",
        "'decimal(4, 0)', 1, int, -2147483648, -2147483648",
        "int, 1, long, 123456789012, 123456789012",
        "uuid, 10000000-0000-0000-0000-00000000000a, string, 0a, 0a"
    })
    void rule8TextOfAKeyInTwoViewsHasATypeThatComparesWithBoth(
            String narrow, String inNarrow, String wide, String inWide, String text) {
        Table first = lake.table("first", "id " + narrow + ", event timestamptz, a int");
        Table second = lake.table("second", "id " + wide + ", event timestamptz, b int");
        lake.append(first, inNarrow + " | 2024-01-01 | 1");
        lake.append(second, inWide + " | 2024-01-01 | 2");
        lake.register(lake.view(first, List.of("id"), List.of("a")));
        lake.register(lake.view(second, List.of("id"), List.of("b")));

        for (List<String> features : List.of(List.of("first:a", "second:b"), List.of("second:b", "first:a"))) {
            ResultTable result =
                    lake.retrieve(request(ids("id", inNarrow, text), features.getFirst(), features.getLast()));
            assertThat(result.column("a")).containsExactly("1", "null");
            assertThat(result.column("b")).containsExactly("null", "2");
        }
    }

    /// The text `6162` cannot be hexadecimal for one view and a string for the other.
    @Test
    void rule8TextThatMeansOneThingToOneViewAndAnotherToTheOtherIsRefused() {
        Table first = lake.table("first", "id binary, event timestamptz, a int");
        Table second = lake.table("second", "id string, event timestamptz, b int");
        lake.register(lake.view(first, List.of("id"), List.of("a")));
        lake.register(lake.view(second, List.of("id"), List.of("b")));

        assertThat(lake.codes(request(ids("id", "6162"), "first:a", "second:b")))
                .containsExactly("KEY_TYPE_MISMATCH");
        assertThat(lake.codes(request(ids("id", "6162"), "second:b", "first:a")))
                .containsExactly("KEY_TYPE_MISMATCH");
    }

    /// An older snapshot's key may be narrower than the view's.
    @Test
    void rule8TextIsReadAsTheViewsTypeAtAnOlderSnapshot() {
        Table facts = lake.table("facts", "id decimal(4, 2), event timestamptz, value int");
        lake.append(facts, "1.00 | 2024-01-01 | 10");
        long before = facts.currentSnapshot().snapshotId();
        facts.updateSchema().updateColumn("id", Types.DecimalType.of(9, 2)).commit();
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        ResultTable result = lake.retrieve(request(ids("id", "1", "1234567"), "facts:value")
                .setViews(List.of(use("facts").setSnapshotId(before).build())));
        assertThat(result.column("value")).containsExactly("10", "null");
    }
}
