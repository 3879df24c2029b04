package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.lake.LakeRejection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The forms in which writers store lists and maps, after the rules for old files in Parquet's page on logical types.
final class NestedFormsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aListOfARepeatedValueIsAList() throws IOException {
        assertThat(read("optional group a (LIST) { repeated int32 element; }", (row, i) -> {
                    Group list = row.addGroup("a");
                    list.add("element", i);
                    list.add("element", i + 10);
                }))
                .containsExactly("[0, 10]", "[1, 11]");
    }

    @Test
    void aRepeatedGroupOfSeveralFieldsIsTheElement() throws IOException {
        assertThat(read(
                        "optional group a (LIST) { repeated group element { required int32 x; required int32 y; } }",
                        (row, i) -> {
                            Group list = row.addGroup("a");
                            list.addGroup("element").append("x", i).append("y", i + 1);
                            list.addGroup("element").append("x", i + 2).append("y", i + 3);
                        }))
                .containsExactly("[[0, 1], [2, 3]]", "[[1, 2], [3, 4]]");
    }

    @Test
    void aRepeatedGroupOfOneFieldIsTheElementIfItsNameSaysSo() throws IOException {
        for (String name : List.of("array", "a_tuple")) {
            assertThat(read(
                            "optional group a (LIST) { repeated group %s { required int32 x; } }".formatted(name),
                            (row, i) -> {
                                Group list = row.addGroup("a");
                                list.addGroup(name).append("x", i);
                                list.addGroup(name).append("x", i + 1);
                            }))
                    .as(name)
                    .containsExactly("[[0], [1]]", "[[1], [2]]");
        }
        assertThat(read(
                        "optional group a (LIST) { repeated group bag { optional int32 array_element; } }",
                        (row, i) -> {
                            Group list = row.addGroup("a");
                            list.addGroup("bag").append("array_element", i);
                            list.addGroup("bag");
                        }))
                .containsExactly("[0, None]", "[1, None]");
    }

    /// Iceberg's reader joins the inner lists.
    @Test
    void listsWithinListsAreKeptApart() throws IOException {
        assertThat(read(
                        "required group a (LIST) { repeated group array (LIST) { repeated int32 array; } }",
                        (row, i) -> {
                            Group list = row.addGroup("a");
                            list.addGroup("array").append("array", i).append("array", i + 1);
                            list.addGroup("array").append("array", i + 2).append("array", i + 3);
                        }))
                .containsExactly("[[0, 1], [2, 3]]", "[[1, 2], [3, 4]]");
        assertThat(read(
                        "required group a (LIST) { repeated group array (MAP) { repeated group key_value { required int32 key; optional int32 value; } } }",
                        (row, i) -> {
                            Group list = row.addGroup("a");
                            list.addGroup("array")
                                    .addGroup("key_value")
                                    .append("key", i)
                                    .append("value", i);
                            list.addGroup("array").addGroup("key_value").append("key", i);
                        }))
                .containsExactly("[{0=0}, {0=None}]", "[{1=1}, {1=None}]");
        assertThat(read("required group a (LIST) { repeated group element { repeated int32 x; } }", (row, i) -> {
                    Group list = row.addGroup("a");
                    list.addGroup("element").append("x", i).append("x", i + 1);
                    list.addGroup("element").append("x", i + 2);
                    list.addGroup("element");
                }))
                .containsExactly("[[[0, 1]], [[2]], [[]]]", "[[[1, 2]], [[3]], [[]]]");
    }

    @Test
    void mapsOfTheOldFormAreMaps() throws IOException {
        assertThat(read(
                        "optional group a (MAP_KEY_VALUE) { repeated group map { required int32 key; optional int32 value; } }",
                        (row, i) -> {
                            Group map = row.addGroup("a");
                            map.addGroup("map").append("key", i).append("value", i + 1);
                            map.addGroup("map").append("key", i + 5);
                        }))
                .containsExactly("{0=1, 5=None}", "{1=2, 6=None}");
    }

    /// As Protobuf's writers store lists.
    @Test
    void aRepeatedFieldWithoutAnAnnotationIsAList() throws IOException {
        assertThat(read("repeated int32 a;", (row, i) -> {
                    if (i > 0) {
                        row.append("a", i).append("a", i + 1);
                    }
                }))
                .containsExactly("[]", "[1, 2]");
        assertThat(read("repeated group a { required int32 x; repeated int32 y; optional int32 z; }", (row, i) -> {
                    row.addGroup("a").append("x", i).append("y", i + 1).append("y", i + 2);
                    row.addGroup("a").append("x", i + 5).append("z", i);
                }))
                .containsExactly("[[0, [1, 2], None], [5, [], 0]]", "[[1, [2, 3], None], [6, [], 1]]");
        assertThat(read("optional group a { required int32 x; repeated binary y (STRING); }", (row, i) -> {
                    if (i > 0) {
                        row.addGroup("a").append("x", i).append("y", "one").append("y", "two");
                    }
                }))
                .containsExactly(null, "[1, [one, two]]");
    }

    /// A map without values, or any other type that cannot be read, does not matter to another column.
    @Test
    void aNestedColumnIsReadBesideOneOfAnUnreadableType() throws IOException {
        for (String odd : List.of(
                "required group odd (MAP) { repeated group key_value { required int32 key; } }",
                "required group odd (LIST) { required int32 x; }",
                "optional fixed_len_byte_array(12) odd (INTERVAL);")) {
            assertThat(read(
                            "optional group a (LIST) { repeated group list { optional int32 element; } } " + odd,
                            (row, i) -> {
                                row.addGroup("a").addGroup("list").append("element", i);
                                if (odd.contains("required group")) {
                                    Group group = row.addGroup("odd");
                                    if (odd.contains("required int32 x")) {
                                        group.append("x", i);
                                    }
                                }
                            }))
                    .as(odd)
                    .containsExactly("[0]", "[1]");
        }
    }

    /// The first value of a row group begins a row. Iceberg's reader gives it to the first row in any case.
    @Test
    void aRowGroupThatBeginsWithinARowIsRefused() throws IOException {
        Path file = write("required group a (LIST) { repeated group list { required int32 element; } }", (row, i) -> {
            Group list = row.addGroup("a");
            list.addGroup("list").append("element", i);
            list.addGroup("list").append("element", i);
        });
        byte[] bytes = Files.readAllBytes(file);
        byte[] levels = {2, 0, 0, 0, 3, 0b1010}; // 0, 1, 0, 1, bit-packed
        int at = 0;
        while (!Arrays.equals(bytes, at, at + levels.length, levels, 0, levels.length)) {
            at++;
        }
        bytes[at + levels.length - 1] = 0b1011;
        Files.write(file, bytes);
        assertThatThrownBy(() -> read(file))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SPINE_UNREADABLE"))
                .hasMessageContaining("column a: the first value of the row group does not begin a row");
    }

    /// DuckDB writes a null array of fixed size as several nulls. Iceberg's reader takes them for several rows.
    @Test
    void nullArraysOfDuckDbAreOneNullEach() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("CASE WHEN i % 3 = 0 THEN NULL ELSE [i, i + 1]::BIGINT[2] END", "[null, [1, 2], [2, 3], null]");
        expected.put("[CASE WHEN i % 2 = 0 THEN i END, i + 1]::BIGINT[2]", "[[0, 1], [None, 2], [2, 3], [None, 4]]");
        expected.put(
                "[[i, i + 1]::BIGINT[2], NULL, [7, 8]::BIGINT[2]]",
                "[[[0, 1], None, [7, 8]], [[1, 2], None, [7, 8]], [[2, 3], None, [7, 8]], [[3, 4], None, [7, 8]]]");
        expected.put(
                "CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN {'a': NULL::BIGINT[2], 'b': i}"
                        + " ELSE {'a': [i, i + 1]::BIGINT[2], 'b': i} END",
                "[null, [None, 1], [[2, 3], 2], null]");
        expected.put(
                "[[i, i + 1]::BIGINT[2], CASE WHEN i % 2 = 0 THEN [i, 3]::BIGINT[2] END]::BIGINT[2][2]",
                "[[[0, 1], [0, 3]], [[1, 2], None], [[2, 3], [2, 3]], [[3, 4], None]]");
        expected.put(
                "CASE WHEN i % 3 = 0 THEN NULL ELSE [[i], []]::BIGINT[][2] END", "[null, [[1], []], [[2], []], null]");
        expected.put(
                "CASE WHEN i % 3 = 0 THEN NULL ELSE [{'x': i}, NULL]::STRUCT(x BIGINT)[2] END",
                "[null, [[1], None], [[2], None], null]");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            for (String version : List.of("V1", "V2")) {
                for (Map.Entry<String, String> form : expected.entrySet()) {
                    Path file = folder.resolve("duck.parquet");
                    Files.deleteIfExists(file);
                    statement.execute(
                            "COPY (SELECT %s AS a FROM range(4) t(i)) TO '%s' (FORMAT parquet, PARQUET_VERSION %s)"
                                    .formatted(form.getKey(), file, version));
                    assertThat(read(file)).as("%s %s", version, form.getKey()).hasToString(form.getValue());
                }
            }
        }
    }

    /// The values of column `a` of a file of two rows.
    private List<@Nullable String> read(String columns, BiConsumer<Group, Integer> fill) throws IOException {
        return read(write(columns, fill));
    }

    private Path write(String columns, BiConsumer<Group, Integer> fill) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType("message root { %s }".formatted(columns));
        Path file = folder.resolve("nested.parquet");
        Files.deleteIfExists(file);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withDictionaryEncoding(false)
                .withPageWriteChecksumEnabled(false)
                .build()) {
            for (int row = 0; row < 2; row++) {
                Group group = new SimpleGroupFactory(schema).newGroup();
                fill.accept(group, row);
                writer.write(group);
            }
        }
        return file;
    }

    private static List<@Nullable String> read(Path file) {
        List<@Nullable String> read = new ArrayList<>();
        try (ParquetSource source =
                ParquetSource.open(org.apache.iceberg.Files.localInput(file.toFile()), names -> List.of("a"))) {
            NestedField field = source.schema().columns().getFirst();
            Iterator<List<Column>> batches = source.batches(List.of("a"), 10);
            while (batches.hasNext()) {
                Column batch = batches.next().getFirst();
                for (int i = 0; i < batch.size(); i++) {
                    read.add(CorpusText.of(ColumnValues.value(field.type(), batch, i)));
                }
            }
        }
        return read;
    }
}
