package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static dev.firn.retrieval.job.Given.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// docs/semantics.md rule 8: the empty string is a value and null is none, in every kind of spine.
final class EmptyStringsTest {
    private static final String COLUMNS = "id string, event_timestamp timestamptz, note string";

    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        Table names = lake.table("names", "id string, event timestamptz, value int");
        lake.append(names, " | 2024-01-01 | 10", "a | 2024-01-01 | 20", "null | 2024-01-01 | 30");
        lake.register(lake.view(names, List.of("id"), List.of("value")));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void inlineRows() {
        assertKeepsEmptyStrings(rows(
                List.of("id", "event_timestamp", "note"),
                row("", "2024-01-02", ""),
                row("null", "2024-01-02", "null"),
                row("a", "2024-01-02", "n")));
    }

    @Test
    void idsWithoutTimes() {
        ResultTable result = lake.retrieve(request(ids("id", "", "null", "a"), "names:value"));

        assertThat(result.column("id")).containsExactly("", "null", "a");
        assertThat(result.column("value")).containsExactly("10", "null", "20");
    }

    /// Every other spelling of a row that a writer may choose.
    @ParameterizedTest
    @ValueSource(strings = {"a,2024-01-02,n", "\"a\",\"2024-01-02\",\"n\""})
    void csv(String last) {
        assertKeepsEmptyStrings(files(
                SpineKind.CSV,
                lake.spineFile(
                        "s.csv", "\"id\",event_timestamp,note\n\"\",2024-01-02,\"\"\n,2024-01-02,\n" + last + "\n")));
    }

    @Test
    void parquet() {
        assertKeepsEmptyStrings(files(
                SpineKind.PARQUET,
                lake.spineParquet(
                        "s.parquet",
                        TableText.schema(COLUMNS),
                        " | 2024-01-02 | ",
                        "null | 2024-01-02 | null",
                        "a | 2024-01-02 | n")));
    }

    @Test
    void tables() {
        lake.append(lake.table("spine", COLUMNS), " | 2024-01-02 | ", "null | 2024-01-02 | null", "a | 2024-01-02 | n");

        assertKeepsEmptyStrings(table("iceberg.gold.spine"));
    }

    @Test
    void anEmptyStringIsNoTimeAndNoNumber() {
        List<String> columns = List.of("id", "event_timestamp", "n");
        Map<String, String> types = Map.of("n", "int64");
        String csv = lake.spineFile("bad.csv", "id,event_timestamp,n\na,\"\",1\n");
        Stream.of(
                        rows(columns, row("a", "", "1")),
                        rows(columns, row("a", "2024-01-02", "")),
                        files(SpineKind.CSV, csv))
                .forEach(spine -> {
                    Violation violation = lake.violations(request(
                                    Spine.newBuilder(spine)
                                            .setColumnTypes(types)
                                            .build(),
                                    "names:value"))
                            .getFirst();
                    assertThat(violation.getCode()).isEqualTo("SPINE_VALUE_INVALID");
                    assertThat(violation.getMessage()).contains("it is empty").contains("without quotes");
                });
    }

    private void assertKeepsEmptyStrings(Spine spine) {
        ResultTable result = lake.retrieve(request(spine, "names:value"));

        assertThat(result.values().stream().map(row -> row.get(0))).containsExactly("", null, "a");
        assertThat(result.values().stream().map(row -> row.get(2))).containsExactly("", null, "n");
        assertThat(result.column("value")).containsExactly("10", "null", "20");
    }
}
