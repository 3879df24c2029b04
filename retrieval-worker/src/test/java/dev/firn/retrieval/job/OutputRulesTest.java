package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.alias;
import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static dev.firn.retrieval.job.Given.table;
import static dev.firn.retrieval.job.LakeFixture.FACTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/semantics.md rules 1 and 10 to 12: the rows, columns, types and entities of a result. Each test is a whole
/// retrieval over real Iceberg tables.
final class OutputRulesTest {
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
        lake.facts("facts", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");

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
        lake.facts("facts", "1 | 2024-01-01 | 10");
        lake.spineFile("day/b.csv", "id,event_timestamp,n\n1,2024-01-02,3\n");
        lake.spineFile("day/a.csv", "id,event_timestamp,n\n1,2024-01-02,1\n9,2024-01-02,2\n");
        lake.spineFile("day/_ignored.csv", "nothing");

        ResultTable result = lake.retrieve(request(files(SpineKind.CSV, lake.spines() + "/day/"), "facts:value"));

        assertThat(result.column("n")).containsExactly("1", "2", "3");
    }

    @Test
    void rule1RowsOfATableComeBySequenceNumberPathAndPosition() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz, n int");
        lake.append(spine, "1 | 2024-01-02 | 1", "9 | 2024-01-02 | 2");
        lake.append(spine, "1 | 2023-01-02 | 3");

        ResultTable result = lake.retrieve(request(table("iceberg.gold.spine"), "facts:value"));

        assertThat(result.column("n")).containsExactly("1", "2", "3");
        assertThat(result.column("value")).containsExactly("10", "null", "null");
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
        lake.facts("facts", "1 | 2024-01-01 | 10");

        Violation violation = lake.violations(request(
                        rows(List.of("id", "event_timestamp", "VALUE"), row("1", "2024-01-02", "x")), "facts:value"))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("COLUMN_COLLISION");
        assertThat(violation.getMessage()).contains("spine's column VALUE").contains("facts:value");
    }

    @Test
    void rule10AViewMayAppearTwiceUnderAliases() {
        lake.facts("locations", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");

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
                "facts", TableText.schema("id long, event timestamptz, " + types), PartitionSpec.unpartitioned(), 3);
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
        var place = GenericRecord.create(facts.schema().findType("place").asStructType());
        place.set(0, "Ulm");
        place.set(1, 89073);
        var record = GenericRecord.create(facts.schema());
        record.set(0, 1L);
        record.set(1, OffsetDateTime.parse("2024-01-01T00:00:00Z"));
        record.set(2, List.of("a", "b"));
        record.set(3, Map.of("k", 5L));
        record.set(4, place);
        facts.newAppend().appendFile(TableFiles.write(facts, List.of(record))).commit();
        lake.register(lake.view(facts, List.of("id"), List.of("tags", "counts", "place")));

        ResultTable result = lake.retrieve(request(ids("id", "1", "2"), "facts:*"));

        assertThat(result.column("tags")).containsExactly("[a, b]", "null");
        assertThat(result.column("counts")).containsExactly("{k=5}", "null");
        assertThat(result.column("place").getFirst()).contains("Ulm").contains("89073");
    }

    @Test
    void rule12IdsAsOfATime() {
        lake.facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-03-01 | 30", "1 | 2025-01-01 | 99");

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
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Table others = lake.table("others", "region string, event timestamptz, size int");
        lake.register(lake.view(others, List.of("region"), List.of("size")));

        assertThat(lake.codes(request(all(), "facts:value", "others:size"))).containsExactly("ENTITIES_DIFFER");
    }
}
