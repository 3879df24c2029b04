package dev.firn.cli.feast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.RegisteredViews;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ViewStatus;
import dev.firn.testkit.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Views of Firn as definitions of Feast.
final class FeastRepositoryTest {
    private static final String HOSTILE = "a\"\"\"b'\\\n\r\t#${HOME}{x}%s\u0000\u202e\ud83d\ude00\ud800é";

    private static ResolvedColumn key(String name, String type) {
        return column(name, name, type, "");
    }

    private static ResolvedColumn feature(String name, String dtype) {
        return column(name, name, "unused", dtype);
    }

    private static ResolvedColumn column(String name, String column, String type, String dtype) {
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(column)
                .setFieldId(1)
                .setType(type)
                .setDtype(dtype)
                .build();
    }

    private static void set(SpecificRecord record, String field, Object value) {
        record.put(record.getSchema().getField(field).pos(), value);
    }

    private static FeatureView view(String name, List<ResolvedColumn> keys, ResolvedColumn... features) {
        FeatureView view = RegisteredViews.view(name);
        set(view, "entities", keys);
        set(view, "features", List.of(features));
        return view;
    }

    private static FeatureView full() {
        ResolvedColumn spend = column("spend", "amount", "double", "float64");
        set(spend, "description", "Spent so far");
        set(spend, "tags", Map.of("unit", "EUR", "pii", "no"));
        FeatureView view = view("customers", List.of(key("customer_id", "long")), feature("orders", "int64"), spend);
        set(view, "ttl_micros", 14L * 24 * 3_600_000_000L);
        set(view, "description", "Customers, daily");
        set(view, "owner", "team-growth");
        set(view, "tags", Map.of("tier", "gold"));
        set(view.getSource(), "created_timestamp", column("written_at", "written_at", "timestamptz", ""));
        return view;
    }

    private static String head() {
        return """
                \"""The feature views of Firn, for Feast.\"""

                from datetime import timedelta

                from feast import Entity, FeatureView, Field, ValueType
                from feast.types import (
                    Array,
                    Bool,
                    Bytes,
                    Decimal,
                    Float32,
                    Float64,
                    Int32,
                    Int64,
                    Map,
                    ScalarMap,
                    String,
                    Struct,
                    UnixTimestamp,
                    Uuid,
                )
                from firn.feast import FirnSource
                """;
    }

    @Test
    void aViewIsASourceAnEntityAndAFeatureView() {
        FeastRepository repository = FeastRepository.of(List.of(full()));

        assertThat(repository.python()).isEqualTo(head() + """

                entity_customer_id = Entity(
                    name="customer_id",
                    join_keys=["customer_id"],
                    value_type=ValueType.INT64,
                )

                source_customers = FirnSource(
                    name="customers",
                    table="iceberg.gold.customers",
                    timestamp_field="updated_at",
                    created_timestamp_column="written_at",
                    field_mapping={"amount": "spend"},
                    firn_view="customers",
                )

                view_customers = FeatureView(
                    name="customers",
                    entities=[entity_customer_id],
                    ttl=timedelta(days=14),
                    schema=[
                        Field(
                            name="customer_id",
                            dtype=Int64,
                        ),
                        Field(
                            name="orders",
                            dtype=Int64,
                        ),
                        Field(
                            name="spend",
                            dtype=Float64,
                            description="Spent so far",
                            tags={"pii": "no", "unit": "EUR"},
                        ),
                    ],
                    source=source_customers,
                    online=False,
                    description="Customers, daily",
                    tags={"tier": "gold"},
                    owner="team-growth",
                )
                """);
        assertThat(repository.notes()).isEmpty();
        assertThat(repository.views()).isEqualTo(1);
    }

    @Test
    void nothingButTheHeadWithoutViews() {
        FeatureView dropped = RegisteredViews.view("gone", "id");
        set(dropped, "status", ViewStatus.DROPPED);

        assertThat(FeastRepository.of(List.of(dropped)).python()).isEqualTo(head());
    }

    @Test
    void hostileTextIsALiteralOrACommentOfOneLine() {
        FeatureView view = view("v", List.of(), column("f", HOSTILE, "long", "time"));
        set(view, "description", HOSTILE);
        set(view, "owner", HOSTILE);
        set(view, "tags", Map.of(HOSTILE, HOSTILE));
        set(view.getSource(), "ref", HOSTILE);

        FeastRepository repository = FeastRepository.of(List.of(view));

        String text = "a\\\"\\\"\\\"b'\\\\\\n\\x0d\\x09#${HOME}{x}%s\\x00\\u202e\\U0001f600\\ufffd\\xe9";
        String comment = text.replace("\\\"", "\"");
        assertThat(repository.python())
                .isEqualTo(head() + """

                source_v = FirnSource(
                    name="v",
                    table="iceberg.gold.v",
                    timestamp_field="updated_at",
                    field_mapping={"@": "f"},
                    firn_view="v",
                )

                # Firn reads the branch or tag '#'; feast materialize reads the main branch
                view_v = FeatureView(
                    name="v",
                    entities=[],
                    schema=[
                        # f: Feast has no time of day; declared as String
                        Field(
                            name="f",
                            dtype=String,
                        ),
                    ],
                    source=source_v,
                    online=False,
                    description="@",
                    tags={"@": "@"},
                    owner="@",
                )
                """.replace("'#'", "'" + comment + "'").replace("@", text));
        assertThat(repository.notes()).allMatch(note -> note.lines().count() == 1);
    }

    @Test
    void aKeyWithTwoTypesIsTwoEntities() {
        FeatureView one = view("one", List.of(key("id", "long")), feature("f", "bool"));
        FeatureView two = view("two", List.of(key("id", "string"), key("day", "date")), feature("f", "bool"));

        FeastRepository repository = FeastRepository.of(List.of(two, one));

        assertThat(repository.python())
                .contains("""
                        # views disagree about the type of the key id
                        entity_id_int64 = Entity(
                            name="id_int64",
                            join_keys=["id"],
                            value_type=ValueType.INT64,
                        )
                        """, """
                        entity_id_string = Entity(
                            name="id_string",
                            join_keys=["id"],
                            value_type=ValueType.STRING,
                        )
                        """, "entities=[entity_id_int64]", "entities=[entity_id_string, entity_day]");
        assertThat(repository.notes())
                .contains(
                        "Views disagree about the type of the key 'id' (INT64, STRING), so it has as many entities",
                        "View 'two': day: Feast has no date; declared as UnixTimestamp");
    }

    /// Nothing depends on the order in which the registry is read.
    @Test
    void theSameViewsGiveTheSameText() {
        List<FeatureView> views = new ArrayList<>(List.of(
                full(),
                view("a", List.of(key("id", "int")), feature("f", "int32")),
                view("b", List.of(key("id", "string")), feature("f", "string"))));
        String text = FeastRepository.of(views).python();
        Collections.reverse(views);

        assertThat(FeastRepository.of(views).python()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "int32                      | Int32                              |",
                "int64                      | Int64                              |",
                "float32                    | Float32                            |",
                "float64                    | Float64                            |",
                "bool                       | Bool                               |",
                "string                     | String                             |",
                "bytes                      | Bytes                              |",
                "uuid                       | Uuid                               |",
                "timestamp                  | UnixTimestamp                      |",
                "timestamptz                | UnixTimestamp                      |",
                "timestamptz_ns             | UnixTimestamp                      | Feast's UnixTimestamp has no nanoseconds",
                "date                       | UnixTimestamp                      | Feast has no date; declared as UnixTimestamp",
                "time                       | String                             | Feast has no time of day; declared as String",
                "decimal(10,2)              | Decimal | Feast's Decimal has no precision and scale, Firn's is decimal(10,2)",
                "list<int32>                | Array(Int32)                       |",
                "list<list<string>>         | Array(Array(String))               |",
                "map<string,int64>          | Map              | Feast's Map does not say the type of its values",
                "map<int64,int64>           | ScalarMap        | Feast's ScalarMap does not say the types of its keys and values",
                "struct<a: int64, b: list<float64>> | Struct({\"a\": Int64, \"b\": Array(Float64)}) |",
                "geometry                   | String  | Feast has no type for 'geometry'; declared as String",
            })
    void everyDtypeHasATypeOrANote(String dtype, String code, String note) {
        assertThat(FeastType.ofDtype(dtype)).isEqualTo(new FeastType(code, note == null ? "" : note));
    }

    @Test
    void aListOfMapsThatFeastDoesNotHaveIsSaid() {
        FeastType type = FeastType.ofDtype("list<map<int32,int32>>");
        assertThat(type.code()).isEqualTo("Array(String)");
        assertThat(type.note()).contains("Feast has no list of such maps");
    }

    @Test
    void viewsThatFeastCannotHaveAreLeftOutAndNamed() {
        FeatureView ofFeast = RegisteredViews.view("project_view_1a2b3c4d", "id");
        set(ofFeast, "tags", Map.of(FeastRepository.PROJECT_TAG, "churn"));
        FeatureView dotted = RegisteredViews.view("dotted", "id");
        set(dotted.getSource(), "schema", "a.b");

        FeastRepository repository = FeastRepository.of(
                List.of(ofFeast, dotted, RegisteredViews.view("Same", "id"), RegisteredViews.view("same", "id")));

        assertThat(repository.views()).isEqualTo(1);
        assertThat(repository.python()).contains("name=\"Same\"").doesNotContain("name=\"same\"", "dotted", "1a2b3c4d");
        assertThat(repository.notes())
                .contains(
                        "View 'project_view_1a2b3c4d' is left out: the Feast project 'churn' has registered it and has its definition",
                        "View 'same' is left out: its name differs from another one only in case, which Feast ignores")
                .anyMatch(note -> note.startsWith("View 'dotted' is left out: Feast cannot name its table"));
    }

    @Test
    void whatFeastCannotSayStandsAboveTheView() {
        FeatureView view = view("late", List.of(key("id", "long")), column("city", "address.city", "string", "string"));
        set(view, "status", ViewStatus.BROKEN);
        set(view, "available_after_micros", 3_600_000_000L);
        set(view, "ttl_micros", Long.MAX_VALUE);
        set(view.getSource(), "timestamp_zone", "Asia/Kolkata");

        FeastRepository repository = FeastRepository.of(List.of(view));

        assertThat(repository.python())
                .contains(
                        "# Firn cannot read the view now: it is BROKEN",
                        "# Firn shows each row PT1H after its event timestamp, which Feast cannot express",
                        "is longer than Feast's can be; Firn applies it",
                        "# its times without a zone are in Asia/Kolkata, which Feast cannot express; Firn and firn.feast apply it",
                        "# city: feast materialize may not find 'address.city', a field within a struct")
                .doesNotContain("ttl=");
        assertThat(repository.notes()).hasSize(5);
    }

    @Test
    void ttlsAreExact() {
        FeatureView view = full();
        set(view, "ttl_micros", 90_000_000L);
        assertThat(FeastRepository.of(List.of(view)).python()).contains("ttl=timedelta(seconds=90),");
        set(view, "ttl_micros", 1_500_000L);
        assertThat(FeastRepository.of(List.of(view)).python())
                .contains("ttl=timedelta(seconds=1, microseconds=500000),");
    }

    @Test
    void pythonTakesTheFile(@TempDir Path folder) throws Exception {
        FeatureView hostile = view("class", List.of(key("def", "long")), feature("import", "list<struct<a: time>>"));
        set(hostile, "description", HOSTILE);
        set(hostile, "tags", Map.of(HOSTILE, HOSTILE));
        Path file = Files.writeString(
                folder.resolve("firn_views.py"),
                FeastRepository.of(List.of(full(), hostile)).python());

        assertThat(python("compile(open(r'%s', encoding='utf-8').read(), 'firn_views.py', 'exec')".formatted(file)))
                .isEmpty();
        // a literal has the text that it was made from
        assertThat(python("import sys; sys.stdout.buffer.write((%s).encode('utf-8'))"
                        .formatted(PythonText.literal(HOSTILE))))
                .isEqualTo(HOSTILE.replace("\ud800", "\ufffd"));
    }

    private static String python(String... program) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-I", "-c"));
        command.addAll(Arrays.asList(program));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } catch (IOException e) {
            Missing.skipOrFail("python3: " + e.getMessage());
            return "";
        }
    }
}
