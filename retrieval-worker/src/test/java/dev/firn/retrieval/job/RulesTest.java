package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.alias;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The numbered rules of SEMANTICS, each through a whole retrieval over real Iceberg tables.
final class RulesTest {
    private static final String FACTS = "id long, event timestamptz, value int";

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
    void rule1OneRowOutForEachRowInInTheSpinesOrderDuplicatesIncluded() {
        facts("facts", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");

        ResultTable result = lake.retrieve(request(
                rows(
                        List.of("id", "event_timestamp", "label"),
                        row("2", "2024-01-02", "a"),
                        row("1", "2024-01-02", "b"),
                        row("2", "2024-01-02", "a"),
                        row("9", "2024-01-02", "c")),
                "facts:value"));

        assertThat(result.column("label")).containsExactly("a", "b", "a", "c");
        assertThat(result.column("value")).containsExactly("20", "10", "20", "null");
    }

    @Test
    void rule1SeveralSpineFilesAreOrderedByPathThenRow() {
        facts("facts", "1 | 2024-01-01 | 10");
        lake.spineFile("day/b.csv", "id,event_timestamp,n\n1,2024-01-02,3\n");
        lake.spineFile("day/a.csv", "id,event_timestamp,n\n1,2024-01-02,1\n9,2024-01-02,2\n");
        lake.spineFile("day/_ignored.csv", "nothing");

        ResultTable result = lake.retrieve(request(files(SpineKind.CSV, lake.spines() + "/day/"), "facts:value"));

        assertThat(result.column("n")).containsExactly("1", "2", "3");
    }

    @Test
    void rule1RowsOfATableComeBySequenceNumberPathAndPosition() {
        facts("facts", "1 | 2024-01-01 | 10");
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz, n int");
        lake.append(spine, "1 | 2024-01-02 | 1", "9 | 2024-01-02 | 2");
        lake.append(spine, "1 | 2023-01-02 | 3");

        ResultTable result = lake.retrieve(request(table("iceberg.gold.spine"), "facts:value"));

        assertThat(result.column("n")).containsExactly("1", "2", "3");
        assertThat(result.column("value")).containsExactly("10", "null", "null");
    }

    @Test
    void rule2ANullKeyMatchesNothingAndTheOtherViewsStillAnswer() {
        Table facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "null | 2024-01-01 | 10", "1 | 2024-01-01 | 11");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
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
        facts("facts", "1 | null | 10", "2 | 2024-01-01 | 20");

        ResultTable result = lake.retrieve(request(
                rows(List.of("id", "event_timestamp"), row("1", "2024-01-02"), row("2", "null")), "facts:value"));

        assertThat(result.column("value")).containsExactly("null", "null");
    }

    @Test
    void rule4ANullInTheWinningRowStaysNull() {
        facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-01-02 | null");

        assertThat(values("facts:value", "1 2024-01-03")).containsExactly("null");
    }

    @Test
    void rule5ZeroTtlIsUnlimitedAndASubSecondTtlWorks() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 1950-01-01 | 10", "2 | 2024-01-01T00:00:00Z | 20");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        assertThat(values("facts:value", "1 2024-01-01T00:00:00Z")).containsExactly("10");

        lake.register(lake.view(facts, List.of("id"), List.of("value")).setTtlMicros(250_000));
        assertThat(values("facts:value", "2 2024-01-01T00:00:00.250Z", "2 2024-01-01T00:00:00.250001Z"))
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
        facts("facts", "1 | 2024-01-01 | 10");

        assertThat(codes(request(ids("id", "1"), "facts:value").setFilterByCreated(true)))
                .containsExactly("CREATED_REQUIRED");
    }

    @Test
    void rule7ZonelessTimesOfViewAndSpineAreReadInTheirZones() {
        Table facts = lake.table("facts", "id long, event timestamp, value int");
        // 02:30 in the autumn overlap is the earlier, summer one: 00:30 UTC
        lake.append(facts, "1 | 2024-10-27T02:30:00 | 10");
        FeatureView.Builder view = lake.view(facts, List.of("id"), List.of("value"));
        lake.register(view.setSource(dev.firn.events.ResolvedSource.newBuilder(view.getSource())
                .setTimestampZone("Europe/Berlin")
                .build()));

        assertThat(values("facts:value", "1 2024-10-27T00:29:59Z", "1 2024-10-27T00:30:00Z"))
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
        facts("facts", "1 | 2024-03-31T01:30:00Z | 10");
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
                "facts",
                LakeFixture.schema("id long, event " + type + ", value int"),
                PartitionSpec.unpartitioned(),
                3);
        lake.append(facts, "1 | " + event + " | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(values("facts:value", "1 " + before, "1 " + at)).containsExactly("null", "10");
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

        assertThat(values("facts:value", text + " 2024-01-02")).containsExactly("10");
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
                LakeFixture.schema("id long, event_timestamp timestamptz"),
                "1 | 2024-01-02",
                "4294967297 | 2024-01-02");

        assertThat(lake.retrieve(request(files(SpineKind.PARQUET, location), "facts:value"))
                        .column("value"))
                .containsExactly("10", "null");
    }

    @Test
    void rule8ADoubleKeyIsAMismatchThatNamesTheCast() {
        facts("facts", "1 | 2024-01-01 | 10");
        String location = lake.spineParquet(
                "pandas.parquet", LakeFixture.schema("id double, event_timestamp timestamptz"), "1.0 | 2024-01-02");

        Violation violation = violations(request(files(SpineKind.PARQUET, location), "facts:value"))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("KEY_TYPE_MISMATCH");
        assertThat(violation.getMessage())
                .contains("double")
                .contains("cast it to long")
                .contains("Int64");
    }

    @Test
    void rule8TextThatIsNoKeyIsRefused() {
        facts("facts", "1 | 2024-01-01 | 10");

        assertThat(codes(request(ids("id", "1.0"), "facts:value"))).containsExactly("SPINE_VALUE_INVALID");
    }

    @Test
    void rule9ViewsAreIndependentInKeysTtlAndRef() {
        Table facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(
                lake.viewOf("short", facts, List.of("id"), List.of("value")).setTtlMicros(1));
        lake.register(lake.viewOf("long", facts, List.of("id"), List.of("value")));

        ResultTable result = lake.retrieve(
                request(rows(List.of("id", "event_timestamp"), row("1", "2024-01-02")), "short:value", "long:value")
                        .setFullFeatureNames(true));

        assertThat(result.column("short__value")).containsExactly("null");
        assertThat(result.column("long__value")).containsExactly("10");
    }

    @Test
    void rule9SamePinsGiveTheSameRowsWhateverIsCommittedSince() {
        Table facts = facts("facts", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");
        Spine spine = rows(List.of("id", "event_timestamp"), row("1", "2024-02-01"), row("2", "2024-02-01"));
        ResultTable first = lake.retrieve(request(spine, "facts:value"));
        lake.append(facts, "1 | 2024-01-15 | 11");

        ResultTable again = lake.withRowsPerFile(1)
                .retrieve(
                        request(spine, "facts:value").setPins(first.completed().pins()));
        ResultTable now = lake.retrieve(request(spine, "facts:value"));

        assertThat(again.rows()).isEqualTo(first.rows());
        assertThat(again.completed().digest()).isEqualTo(first.completed().digest());
        assertThat(again.completed().files()).hasSize(2);
        assertThat(now.column("value")).containsExactly("11", "20");
        assertThat(now.completed().digest()).isNotEqualTo(first.completed().digest());
    }

    @Test
    void rule9PinsFixTTheDefinitionAndTheSpine() {
        facts("facts", "1 | 2024-01-01 | 10");
        String location = lake.spineFile("s.csv", "id,event_timestamp\n1,2024-02-01\n");
        RetrievalRequest.Builder request = request(files(SpineKind.CSV, location), "facts:value");
        Pins pins = lake.retrieve(request).completed().pins();
        lake.spineFile("s.csv", "id,event_timestamp\n1,2024-02-02\n");

        assertThat(pins.getAsOf()).isEqualTo(Given.NOW);
        assertThat(codes(request.setPins(pins))).containsExactly("SPINE_CHANGED");
    }

    @Test
    void rule9APinOfATableThatWasReplacedIsRefused() {
        facts("facts", "1 | 2024-01-01 | 10");
        Pins pins = lake.retrieve(request(ids("id", "1"), "facts:value"))
                .completed()
                .pins();
        lake.drop("facts");
        facts("facts", "1 | 2024-01-01 | 99");

        assertThat(codes(request(ids("id", "1"), "facts:value").setPins(pins))).containsExactly("TABLE_REPLACED");
    }

    @Test
    void rule10SpineColumnsThenFeaturesThenExtras() {
        Table facts = lake.table("facts", "id long, event timestamptz, value int, size long");
        lake.append(facts, "1 | 2024-01-01 | 10 | 100");
        lake.register(lake.view(facts, List.of("id"), List.of("value", "size")));

        ResultTable result = lake.retrieve(request(
                        rows(List.of("note", "id", "event_timestamp"), row("x", "1", "2024-01-02")),
                        "facts:size",
                        "facts:value")
                .setIncludeEventTimestamps(true));

        assertThat(result.names())
                .containsExactly("note", "id", "event_timestamp", "size", "value", "facts__event_timestamp");
        assertThat(result.rows()).containsExactly("x 1 2024-01-02T00:00Z 100 10 2024-01-01T00:00Z");
    }

    @Test
    void rule10ACollisionWithASpineColumnInAnotherCaseIsAnErrorThatNamesBoth() {
        facts("facts", "1 | 2024-01-01 | 10");

        Violation violation = violations(request(
                        rows(List.of("id", "event_timestamp", "VALUE"), row("1", "2024-01-02", "x")), "facts:value"))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("COLUMN_COLLISION");
        assertThat(violation.getMessage()).contains("spine's column VALUE").contains("facts:value");
    }

    @Test
    void rule10AViewMayAppearTwiceUnderAliases() {
        facts("locations", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");

        ResultTable result = lake.retrieve(request(
                        rows(List.of("from_id", "to_id", "event_timestamp"), row("1", "2", "2024-01-02")),
                        "origin:value",
                        "destination:value")
                .setViews(List.of(
                        alias("locations", "origin", Map.of("id", "from_id")),
                        alias("locations", "destination", Map.of("id", "to_id")))));

        assertThat(result.names()).endsWith("origin__value", "destination__value");
        assertThat(result.rows().getFirst()).endsWith("10 20");
    }

    @Test
    void rule11TypesSurviveFromTheTableAndFromTheSpine() {
        String types = "b boolean, i int, l long, f float, d double, s string, x binary, y fixed[2], dd date, t time, "
                + "ts timestamp, tz timestamptz, n timestamp_ns, nz timestamptz_ns, dec decimal(20,3), u uuid";
        Table facts = lake.table(
                "facts", LakeFixture.schema("id long, event timestamptz, " + types), PartitionSpec.unpartitioned(), 3);
        lake.append(
                facts,
                "1 | 2024-01-01 | true | 1 | 2 | 1.5 | 2.5 | é | 00ff | 0102 | 1960-01-01 | 10:00:00.000001 | 2024-01-01T00:00:00.000001"
                        + " | 2024-01-01T00:00:00.000001Z | 2024-01-01T00:00:00.000000001 | 2024-01-01T00:00:00.000000001Z"
                        + " | 12345678901234567.891 | 00000000-0000-0000-0000-000000000001");
        List<String> features = new ArrayList<>();
        facts.schema().columns().subList(2, 18).forEach(field -> features.add(field.name()));
        lake.register(lake.view(facts, List.of("id"), features));

        ResultTable result = lake.retrieve(request(ids("id", "1"), "facts:*"));

        assertThat(result.types().subList(1, 17))
                .as(() -> result.types().toString())
                .isEqualTo(facts.schema().columns().subList(2, 18).stream()
                        .map(field -> field.type().toString())
                        .toList());
        assertThat(result.rows())
                .containsExactly("1 true 1 2 1.5 2.5 é 00ff 0102 1960-01-01 10:00:00.000001 2024-01-01T00:00:00.000001 "
                        + "2024-01-01T00:00:00.000001Z 2024-01-01T00:00:00.000000001 2024-01-01T00:00:00.000000001Z "
                        + "12345678901234567.891 00000000-0000-0000-0000-000000000001");
    }

    @Test
    void rule11ListsMapsAndStructsComeOutAsTheyAre() {
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "event", Types.TimestampType.withZone()),
                NestedField.optional(3, "tags", Types.ListType.ofOptional(4, Types.StringType.get())),
                NestedField.optional(
                        5, "counts", Types.MapType.ofOptional(6, 7, Types.StringType.get(), Types.LongType.get())),
                NestedField.optional(
                        8,
                        "place",
                        Types.StructType.of(
                                NestedField.optional(9, "city", Types.StringType.get()),
                                NestedField.optional(10, "zip", Types.IntegerType.get()))));
        Table facts = lake.table("facts", schema, PartitionSpec.unpartitioned(), 2);
        var place = org.apache.iceberg.data.GenericRecord.create(
                facts.schema().findType("place").asStructType());
        place.set(0, "Ulm");
        place.set(1, 89073);
        var record = org.apache.iceberg.data.GenericRecord.create(facts.schema());
        record.set(0, 1L);
        record.set(1, java.time.OffsetDateTime.parse("2024-01-01T00:00:00Z"));
        record.set(2, List.of("a", "b"));
        record.set(3, Map.of("k", 5L));
        record.set(4, place);
        facts.newAppend().appendFile(lake.write(facts, List.of(record))).commit();
        lake.register(lake.view(facts, List.of("id"), List.of("tags", "counts", "place")));

        ResultTable result = lake.retrieve(request(ids("id", "1", "2"), "facts:*"));

        assertThat(result.column("tags")).containsExactly("[a, b]", "null");
        assertThat(result.column("counts")).containsExactly("{k=5}", "null");
        assertThat(result.column("place").getFirst()).contains("Ulm").contains("89073");
    }

    @Test
    void rule12IdsAsOfATime() {
        facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-03-01 | 30", "1 | 2025-01-01 | 99");

        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value")).rows()).containsExactly("1 30");
        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value").setAsOf(Instant.parse("2024-02-01T00:00:00Z")))
                        .rows())
                .containsExactly("1 10");
    }

    @Test
    void rule12AllEntitiesAsOfATimeInTheSortOrderOfTheKey() {
        Table facts = lake.table("facts", "region string, id long, event timestamptz, value int");
        lake.append(
                facts,
                "eu | 10 | 2024-01-01 | 1",
                "eu | 9 | 2024-01-01 | 2",
                "as | 100 | 2024-01-01 | 3",
                "eu | 9 | 2024-02-01 | 4",
                "zz | 1 | 2030-01-01 | 5",
                "null | 1 | 2024-01-01 | 6");
        lake.register(lake.view(facts, List.of("region", "id"), List.of("value")));
        Table others = lake.table("others", "id long, region string, event timestamptz, size int");
        lake.append(others, "7 | af | 2024-01-01 | 70", "9 | eu | 2024-01-01 | 90");
        lake.register(lake.view(others, List.of("id", "region"), List.of("size")));

        ResultTable result = lake.retrieve(request(all(), "facts:value", "others:size"));

        assertThat(result.names()).containsExactly("region", "id", "value", "size");
        assertThat(result.rows()).containsExactly("af 7 null 70", "as 100 3 null", "eu 9 4 90", "eu 10 1 null");
    }

    @Test
    void rule12AllEntitiesInSeveralPassesWhenTheyExceedTheMemory() {
        Table facts = lake.table("facts", FACTS);
        String[] rows = new String[5_000];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (i * 7_919L % rows.length - 2_500) + " | 2024-01-01 | " + i;
        }
        lake.append(facts, rows);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        ResultTable result = lake.withBudget(16L << 20).retrieve(request(all(), "facts:value"));
        ResultTable tight = lake.withBudget(1_100L * 96 * 4).retrieve(request(all(), "facts:value"));

        assertThat(result.values()).hasSize(5_000);
        assertThat(tight.rows()).isEqualTo(result.rows());
        assertThat(result.column("id").stream().map(Long::valueOf).toList()).isSorted();
    }

    @Test
    void rule12AllEntitiesNeedTheSameKeys() {
        facts("facts", "1 | 2024-01-01 | 10");
        Table others = lake.table("others", "region string, event timestamptz, size int");
        lake.register(lake.view(others, List.of("region"), List.of("size")));

        assertThat(codes(request(all(), "facts:value", "others:size"))).containsExactly("ENTITIES_DIFFER");
    }

    @Test
    void rule13DeletesApplyBeforeARowMayBecomeACandidate() {
        Table facts = lake.table("facts", FACTS);
        DataFile first = lake.append(facts, "1 | 2024-01-01 | 10", "1 | 2024-01-02 | 20", "2 | 2024-01-01 | 5");
        lake.append(facts, "2 | 2024-01-02 | 6");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        lake.deletePositions(facts, first, 1);
        assertThat(values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "6");

        lake.deleteEqual(facts, "value", "6");
        assertThat(values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "5");

        lake.append(facts, "2 | 2024-01-03 | 6");
        assertThat(values("facts:value", "2 2024-02-01")).containsExactly("6");
    }

    @Test
    void rule13OrphansAndFilesOfOtherSnapshotsAreInvisible() {
        Table facts = facts("facts", "1 | 2024-01-01 | 10");
        long snapshot = facts.currentSnapshot().snapshotId();
        lake.orphan(facts, "1 | 2024-01-05 | 99");
        lake.append(facts, "1 | 2024-01-06 | 11");

        assertThat(values("facts:value", "1 2024-02-01")).containsExactly("11");
        ResultTable older = lake.retrieve(request(ids("id", "1"), "facts:value")
                .setViews(List.of(Given.use("facts").setSnapshotId(snapshot).build())));
        assertThat(older.column("value")).containsExactly("10");
    }

    @Test
    void rule13ColumnsResolveByFieldIdThroughEvolution() {
        Table facts = lake.table("facts", "id int, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        facts.updateSchema().renameColumn("value", "amount").commit();
        facts.updateSchema()
                .addColumn("value", Types.StringType.get())
                .updateColumn("id", Types.LongType.get())
                .moveFirst("amount")
                .commit();
        facts.refresh();
        DataFile next =
                lake.write(facts, List.of(LakeFixture.record(facts.schema(), "20 | 2 | 2024-01-01 | not this")));
        facts.newAppend().appendFile(next).commit();

        assertThat(values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "20");
    }

    @Test
    void rule13PartitionEvolutionChangesNothing() {
        Schema schema = LakeFixture.schema("id long, event timestamptz, value int, region string");
        Table facts = lake.table("facts", schema, PartitionSpec.unpartitioned(), 2);
        lake.append(facts, "1 | 2024-01-01 | 10 | eu");
        facts.updateSpec()
                .addField("region")
                .addField(org.apache.iceberg.expressions.Expressions.day("event"))
                .commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 20 | eu");
        lake.append(facts, "1 | 2024-01-03 | 30 | us");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(values("facts:value", "1 2024-01-01", "1 2024-01-02", "1 2024-01-03"))
                .containsExactly("10", "20", "30");
    }

    @Test
    void rule13AColumnThatIsNoLongerThereBreaksTheView() {
        Table facts = facts("facts", "1 | 2024-01-01 | 10");
        facts.updateSchema().deleteColumn("value").commit();

        assertThat(codes(request(ids("id", "1"), "facts:value"))).containsExactly("VIEW_BROKEN");
    }

    @Test
    void aBrokenViewIsReadAtAnOlderSnapshotOnly() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long snapshot = facts.currentSnapshot().snapshotId();
        lake.register(lake.view(facts, List.of("id"), List.of("value")).setStatus(ViewStatus.BROKEN));
        facts.manageSnapshots()
                .createTag("audit", snapshot)
                .createBranch("work", snapshot)
                .commit();
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:value");

        assertThat(codes(request)).containsExactly("VIEW_BROKEN");
        assertThat(codes(request.setViews(
                        List.of(Given.use("facts").setRef("work").build()))))
                .containsExactly("VIEW_BROKEN");
        assertThat(lake.retrieve(request.setViews(
                                List.of(Given.use("facts").setRef("audit").build())))
                        .rows())
                .containsExactly("1 10");
    }

    @Test
    void rule14SkippingNeverChangesAResult() {
        Table facts = lake.table("facts", "id uuid, event timestamptz, value int");
        // signed and unsigned order of these differ: apache/iceberg#14216
        lake.append(
                facts,
                "10000000-0000-0000-0000-000000000000 | 2024-01-01 | 1",
                "50000000-0000-0000-0000-000000000000 | 2024-01-01 | 2",
                "f0000000-0000-0000-0000-000000000000 | 2024-01-01 | 3");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(values(
                        "facts:value",
                        "50000000-0000-0000-0000-000000000000 2024-01-02",
                        "f0000000-0000-0000-0000-000000000000 2024-01-02",
                        "90000000-0000-0000-0000-000000000000 2024-01-02"))
                .containsExactly("2", "3", "null");
    }

    @Test
    void rule15EmptyTablesAndEmptySpinesAreValid() {
        Table facts = lake.table("facts", FACTS);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value")).rows()).containsExactly("1 null");

        lake.append(facts, "1 | 2024-01-01 | 10");
        ResultTable empty = lake.retrieve(request(ids("id"), "facts:value"));
        assertThat(empty.rows()).isEmpty();
        assertThat(empty.names()).containsExactly("id", "value");
        assertThat(lake.retrieve(request(
                                files(SpineKind.CSV, lake.spineFile("empty.csv", "id,event_timestamp\n")),
                                "facts:value"))
                        .rows())
                .isEmpty();
        Table none = lake.table("none", "id long, event_timestamp timestamptz");
        assertThat(lake.retrieve(request(table(none.name()), "facts:value")).rows())
                .isEmpty();
    }

    private Table facts(String name, String... rows) {
        Table facts = lake.table(name, FACTS);
        lake.append(facts, rows);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        return facts;
    }

    private List<String> values(String feature, String... idsAndTimes) {
        List<List<String>> rows = new ArrayList<>();
        for (String text : idsAndTimes) {
            rows.add(List.of(text.split(" ")));
        }
        Spine spine = Spine.newBuilder()
                .setKind(SpineKind.ROWS)
                .setColumns(List.of("id", "event_timestamp"))
                .setRows(rows)
                .build();
        return lake.retrieve(request(spine, feature)).column(feature.substring(feature.indexOf(':') + 1));
    }

    private List<Violation> violations(RetrievalRequest.Builder request) {
        return catchThrowableOfType(RetrievalRejected.class, () -> lake.retrieve(request))
                .violations();
    }

    private List<String> codes(RetrievalRequest.Builder request) {
        return List.copyOf(new HashSet<>(
                violations(request).stream().map(Violation::getCode).toList()));
    }

    private static Spine files(SpineKind kind, String location) {
        return Spine.newBuilder().setKind(kind).setLocations(List.of(location)).build();
    }

    private static Spine table(String name) {
        return Spine.newBuilder().setKind(SpineKind.TABLE).setTable(name).build();
    }

    private static Spine all() {
        return Spine.newBuilder().setKind(SpineKind.ALL).build();
    }
}
