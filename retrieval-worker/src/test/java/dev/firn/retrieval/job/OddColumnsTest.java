package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Columns as other writers leave them: read exactly, or refused by name.
final class OddColumnsTest {
    private static final long NOON = 1_704_110_400_000_000L;

    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    // field ids

    private static final Schema NESTED = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "event", Types.TimestampType.withZone()),
            Types.NestedField.optional(
                    3,
                    "s",
                    Types.StructType.of(
                            Types.NestedField.optional(6, "a", Types.LongType.get()),
                            Types.NestedField.optional(7, "b", Types.StringType.get()))),
            Types.NestedField.optional(4, "l", Types.ListType.ofOptional(8, Types.LongType.get())),
            Types.NestedField.optional(
                    5, "m", Types.MapType.ofOptional(9, 10, Types.StringType.get(), Types.LongType.get())));

    private static final GroupFile IDS_AT_THE_TOP_ONLY = new GroupFile("""
            optional int64 id = 1;
            optional int64 event (TIMESTAMP(MICROS,true)) = 2;
            optional group s = 3 { optional int64 a; optional binary b (STRING); }
            optional group l (LIST) = 4 { repeated group bag { optional int64 array_element; } }
            optional group m (MAP) = 5 { repeated group map { required binary key (STRING); optional int64 value; } }
            """, row -> {
        row.append("id", 1L).append("event", NOON);
        row.addGroup("s").append("a", 7L).append("b", "x");
        row.addGroup("l").addGroup("bag").append("array_element", 1L);
        row.addGroup("m").addGroup("map").append("key", "k").append("value", 3L);
    });

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rule13NestedFieldsWithoutIdsComeByTheNameMappingOrAreRefused(boolean isMapped) {
        Table facts = lake.table("facts", NESTED, PartitionSpec.unpartitioned(), 2);
        if (isMapped) {
            facts.updateProperties()
                    .set(
                            TableProperties.DEFAULT_NAME_MAPPING,
                            NameMappingParser.toJson(MappingUtil.create(facts.schema())))
                    .commit();
        }
        IDS_AT_THE_TOP_ONLY.appendTo(facts);
        lake.register(lake.view(facts, List.of("id"), List.of("s", "l", "m")));
        lake.facts("other", "1 | 2024-01-01 | 10");
        Spine spine = Spine.newBuilder(table("iceberg.gold.facts"))
                .setTimestampColumn("event")
                .build();

        if (isMapped) {
            assertThat(lake.retrieve(request(ids("id", "1"), "facts:*")).rows())
                    .containsExactly("1 Record(7, x) [1] {k=3}");
            assertThat(lake.retrieve(request(spine, "other:value")).rows())
                    .containsExactly("1 2024-01-01T12:00Z Record(7, x) [1] {k=3} 10");
            return;
        }
        for (String feature : List.of("s", "l", "m")) {
            Violation violation =
                    lake.violations(request(ids("id", "1"), "facts:" + feature)).getFirst();
            assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
            assertThat(violation.getMessage())
                    .contains("foreign.parquet")
                    .contains("column " + feature + ".")
                    .contains("has no field id");
        }
        Violation violation = lake.violations(request(spine, "other:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
        assertThat(violation.getMessage()).contains("column s.a").contains("has no field id");
    }

    @Test
    void rule13AColumnWithoutAnIdBesideOthersIsRefused() {
        Table facts = lake.table("facts", LakeFixture.FACTS);
        new GroupFile("""
                        optional int64 id = 1; optional int64 event (TIMESTAMP(MICROS,true)) = 2; optional int32 value;
                        """, row -> row.append("id", 1L).append("event", NOON).append("value", 7)).appendTo(facts);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        Violation violation =
                lake.violations(request(ids("id", "1"), "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
        assertThat(violation.getMessage()).contains("column value has no field id");
    }

    // units

    @ParameterizedTest
    @CsvSource({"0, true", "1, false"})
    void rule7NanosecondsInATableOfMicrosecondsAreReadWhereTheyDivide(long more, boolean isExact) {
        Table facts = lake.table("facts", LakeFixture.FACTS);
        new GroupFile(
                        """
                        optional int64 id = 1; optional int64 event (TIMESTAMP(NANOS,true)) = 2;
                        optional int32 value = 3;
                        """,
                        row -> row.append("id", 1L)
                                .append("event", NOON * 1_000 + 6_000 + more)
                                .append("value", 7),
                        row -> row.append("id", 2L)
                                .append("event", NOON * 1_000)
                                .append("value", 8))
                .appendTo(facts);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        lake.facts("other", "1 | 2024-01-01 | 10");
        Spine spine = Spine.newBuilder(table("iceberg.gold.facts"))
                .setTimestampColumn("event")
                .build();

        if (isExact) {
            assertThat(lake.retrieve(request(ids("id", "1", "2"), "facts:value").setIncludeEventTimestamps(true))
                            .rows())
                    .containsExactly("1 7 2024-01-01T12:00:00.000006Z", "2 8 2024-01-01T12:00Z");
            assertThat(lake.retrieve(request(spine, "other:value").setFullFeatureNames(true))
                            .column("event"))
                    .containsExactly("2024-01-01T12:00:00.000006Z", "2024-01-01T12:00Z");
            return;
        }
        for (var request : List.of(
                request(ids("id", "1", "2"), "facts:value"),
                request(spine, "other:value").setFullFeatureNames(true))) {
            Violation violation = lake.violations(request).getFirst();
            assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
            assertThat(violation.getMessage())
                    .contains("foreign.parquet")
                    .contains("not a whole number of microseconds");
        }
    }

    @Test
    void rule14BoundsInNanosecondsInATableOfMicrosecondsSkipNothing() {
        Table facts = lake.table("facts", LakeFixture.FACTS);
        new GroupFile(
                        """
                        optional int64 id = 1; optional int64 event (TIMESTAMP(NANOS,true)) = 2;
                        optional int32 value = 3;
                        """,
                        row -> row.append("id", 1L)
                                .append("event", NOON * 1_000)
                                .append("value", 7))
                .appendTo(facts, Map.of(2, NOON * 1_000));
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value")).rows()).containsExactly("1 7");
    }

    @Test
    void rule7NanosecondsWithinAStructOfMicrosecondsAreRefused() {
        Schema schema = new Schema(
                Types.NestedField.optional(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "event", Types.TimestampType.withZone()),
                Types.NestedField.optional(
                        3,
                        "s",
                        Types.StructType.of(Types.NestedField.optional(4, "at", Types.TimestampType.withZone()))));
        Table facts = lake.table("facts", schema, PartitionSpec.unpartitioned(), 2);
        new GroupFile(
                        """
                        optional int64 id = 1; optional int64 event (TIMESTAMP(MICROS,true)) = 2;
                        optional group s = 3 { optional int64 at (TIMESTAMP(NANOS,true)) = 4; }
                        """,
                        row -> row.append("id", 1L)
                                .append("event", NOON)
                                .addGroup("s")
                                .append("at", NOON * 1_000 + 1))
                .appendTo(facts);
        lake.register(lake.view(facts, List.of("id"), List.of("s")));

        Violation violation =
                lake.violations(request(ids("id", "1"), "facts:s")).getFirst();
        assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
        assertThat(violation.getMessage()).contains("column s.at");
    }

    /// INT96 has no zone in its type. Spark writes it in UTC, and so it is read.
    @ParameterizedTest
    @CsvSource({"0, true", "1, false"})
    void rule7Int96IsAnInstantInUtcOfWholeMicroseconds(long nanos, boolean isExact) {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Binary at = int96(NOON, nanos);
        String fields = "optional int64 id; optional int96 event_timestamp; optional group s { optional int96 at; }";
        String location = new GroupFile(
                        fields,
                        row -> row.append("id", 1L)
                                .append("event_timestamp", at)
                                .addGroup("s")
                                .append("at", at))
                .write(Path.of(lake.spines(), "odd.parquet"))
                .toString();
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, location))
                .setTimestampZone("Asia/Kolkata")
                .build();

        if (isExact) {
            assertThat(lake.retrieve(request(spine, "facts:value")).rows())
                    .containsExactly("1 2024-01-01T12:00Z Record(2024-01-01T12:00Z) 10");
            return;
        }
        Violation time = lake.violations(request(spine, "facts:value")).getFirst();
        assertThat(time.getCode()).isEqualTo("SPINE_UNREADABLE");
        assertThat(time.getMessage()).contains("column event_timestamp").contains("not a whole number of microseconds");
        String nested = new GroupFile(
                        "optional int64 id; optional int64 event_timestamp (TIMESTAMP(MICROS,true));"
                                + " optional group s { optional int96 at; }",
                        row -> row.append("id", 1L)
                                .append("event_timestamp", NOON)
                                .addGroup("s")
                                .append("at", at))
                .write(Path.of(lake.spines(), "nested.parquet"))
                .toString();
        Violation within = lake.violations(request(files(SpineKind.PARQUET, nested), "facts:value"))
                .getFirst();
        assertThat(within.getCode()).isEqualTo("SPINE_UNREADABLE");
        assertThat(within.getMessage()).contains("column s").contains("not a whole number of microseconds");
    }

    /// The column of a table may say that its times are local, and another file of it may have local ones.
    @Test
    void rule7Int96InASpineThatIsATableIsNotTakenForALocalTime() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Table labels = lake.table("labels", "id long, at timestamp, tz timestamptz");
        Binary noon = int96(NOON, 0);
        new GroupFile(
                        "optional int64 id = 1; optional int96 at = 2; optional int96 tz = 3;",
                        row -> row.append("id", 1L).append("at", noon).append("tz", noon))
                .appendTo(labels);
        Spine utc = Spine.newBuilder(table("iceberg.gold.labels"))
                .setTimestampColumn("at")
                .setTimestampZone("Etc/UTC")
                .build();
        String row = "1 2024-01-01T12:00 2024-01-01T12:00Z 10";

        assertThat(lake.retrieve(request(utc, "facts:value")).rows()).containsExactly(row);
        Spine local = Spine.newBuilder(utc).setTimestampZone("Asia/Kolkata").build();
        Violation violation = lake.violations(request(local, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("UNSUPPORTED_TABLE");
        assertThat(violation.getMessage())
                .contains("foreign.parquet stores column 'at' as INT96")
                .contains("timestamp_zone");
        Spine zoned = Spine.newBuilder(local).setTimestampColumn("tz").build();
        assertThat(lake.retrieve(request(zoned, "facts:value")).rows()).containsExactly(row);
    }

    private static Binary int96(long micros, long nanos) {
        long day = Math.floorDiv(micros, 86_400_000_000L);
        return Binary.fromConstantByteArray(ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong((micros - day * 86_400_000_000L) * 1_000 + nanos)
                .putInt((int) (day + 2_440_588))
                .array());
    }

    // types

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t | optional int64 t (TIME(NANOS,true));",
                "i | optional fixed_len_byte_array(12) i (INTERVAL);",
                "l | optional group l (LIST) { repeated group list { optional int64 element (TIME(NANOS,true)); } }",
                "u | optional group u { optional int32 a (INTEGER(32,false)); }",
                "n | optional group n { optional int32 a (UNKNOWN); }",
                "nl | optional group nl (LIST) { repeated group list { optional int32 element (UNKNOWN); } }",
            })
    void aSpineColumnOfAnotherTypeIsRefusedByNameUnlessItIsLeftOut(String name, String field) {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String location = new GroupFile(
                        "optional int64 id; optional int64 event_timestamp (TIMESTAMP(MICROS,true)); " + field,
                        row -> row.append("id", 1L).append("event_timestamp", NOON))
                .write(Path.of(lake.spines(), "odd.parquet"))
                .toString();
        Spine all = files(SpineKind.PARQUET, location);

        Violation violation = lake.violations(request(all, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("SPINE_UNREADABLE");
        assertThat(violation.getMessage()).contains("column '" + name + "'").contains("'columns'");
        Spine kept = Spine.newBuilder(all)
                .setColumns(List.of("id", "event_timestamp"))
                .build();
        assertThat(lake.retrieve(request(kept, "facts:value")).rows()).containsExactly("1 2024-01-01T12:00Z 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"int32", "boolean", "int64", "binary", "double"})
    void aColumnOfNullsOnlyIsReadAsNulls(String physical) {
        GroupFile file = new GroupFile(
                """
                optional int64 id = 1; optional int64 event_timestamp (TIMESTAMP(MICROS,true)) = 2;
                optional %s nothing (UNKNOWN) = 3;
                """.formatted(physical), row -> row.append("id", 1L).append("event_timestamp", NOON));
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String location = file.write(Path.of(lake.spines(), "odd.parquet")).toString();

        assertThat(lake.retrieve(request(files(SpineKind.PARQUET, location), "facts:value"))
                        .rows())
                .containsExactly("1 2024-01-01T12:00Z null 10");

        Table texts = lake.table("texts", "id long, event timestamptz, nothing string");
        file.appendTo(texts);
        lake.register(lake.view(texts, List.of("id"), List.of("nothing")));
        assertThat(lake.retrieve(request(ids("id", "1"), "texts:nothing")).rows())
                .containsExactly("1 null");
    }

    // names

    @Test
    void columnsThatAreNotKeptMayHaveAnyNameOrNone() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String location = lake.spineFile("pandas.csv", ",id,event_timestamp,x,x\n0,1,2024-01-01T12:00:00Z,a,b\n");
        Spine all = files(SpineKind.CSV, location);

        Violation violation = lake.violations(request(all, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("SPINE_COLUMN_NOT_FOUND");
        assertThat(violation.getMessage()).contains("column 1 has no name").contains("'columns'");
        assertThat(lake.retrieve(request(
                                Spine.newBuilder(all)
                                        .setColumns(List.of("id", "event_timestamp"))
                                        .build(),
                                "facts:value"))
                        .rows())
                .containsExactly("1 2024-01-01T12:00Z 10");
        assertThat(lake.codes(request(
                        Spine.newBuilder(all)
                                .setColumns(List.of("id", "event_timestamp", "x"))
                                .build(),
                        "facts:value")))
                .containsExactly("COLUMN_COLLISION");
    }
}
