package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
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
import dev.firn.schemas.Limits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An entry of `column_types` declares a column, or is refused.
final class DeclaredTypesTest {
    private static final String LABELS = "id,event_timestamp,churned,x\n1,2024-02-01,0,0\n";
    private static final Schema IN_FILES = TableText.schema("id int, event_timestamp timestamptz, score double");

    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        lake.facts("facts", "1 | 2024-01-01 | 10");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// Otherwise the column that was meant would come out as a string.
    @Test
    void refusesAColumnThatIsNotThere() {
        lake.spineParquet("s/churned=0/p.parquet", IN_FILES, "1 | 2024-02-01 | 0.5");
        Spine csv = files(SpineKind.CSV, lake.spineFile("labels.csv", LABELS));
        Spine inFolders = files(SpineKind.PARQUET, lake.spines() + "/s/");
        Spine inline = rows(List.of("id", "event_timestamp", "churned"), row("1", "2024-01-01", "0"));
        for (Spine spine : List.of(csv, kept(csv, "id", "event_timestamp", "churned"), inFolders, inline)) {
            Violation violation = lake.violations(request(typed(spine, "churnd", "int32"), "facts:value"))
                    .getFirst();

            assertThat(violation.getCode()).isEqualTo("SPINE_COLUMN_NOT_FOUND");
            assertThat(violation.getField()).isEqualTo("spine.column_types.churnd");
            assertThat(violation.getMessage()).contains("'churnd'").contains("id, event_timestamp");
            assertThat(violation.getSuggestion()).isEqualTo("churned");
        }
    }

    @Test
    void refusesAColumnOfASpineThatHasNone() {
        lake.append(lake.table("labels", "id long, event_timestamp timestamptz"), "1 | 2024-02-01");
        Spine range = Spine.newBuilder().setKind(SpineKind.RANGE).build();
        for (Spine spine : List.of(table("iceberg.gold.labels"), ids("id", "1"), all(), range)) {
            assertThat(lake.codes(request(typed(spine, "churned", "int32"), "facts:value")))
                    .as("%s", spine.getKind())
                    .containsExactly("SPINE_COLUMN_NOT_FOUND");
            assertThat(lake.retrieve(request(typed(spine, "id", "int64"), "facts:value"))
                            .column("value"))
                    .as("a key, as %s", spine.getKind())
                    .containsExactly("10");
        }
    }

    @Test
    void takesColumnsThatAreNotKept() {
        lake.spineFile("s/hour=05/labels.csv", LABELS);
        lake.spineParquet("t/hour=05/p.parquet", IN_FILES, "1 | 2024-02-01 | 0.5");
        for (Spine spine :
                List.of(files(SpineKind.CSV, lake.spines() + "/s/"), files(SpineKind.PARQUET, lake.spines() + "/t/"))) {
            Spine ofFolders = typed(kept(spine, "id", "event_timestamp"), "hour", "int32");
            assertThat(lake.retrieve(request(ofFolders, "facts:value")).rows())
                    .containsExactly("1 2024-02-01T00:00Z 10");
        }
        Spine ofFiles =
                typed(kept(files(SpineKind.CSV, lake.spines() + "/s/"), "id", "event_timestamp"), "churned", "int32");
        assertThat(lake.retrieve(request(ofFiles, "facts:value")).rows()).containsExactly("1 2024-02-01T00:00Z 10");
    }

    /// What files and tables store keeps its type, so a declaration of another one would say something else than comes
    /// out.
    @Test
    void refusesAnotherTypeThanTheFilesHave() {
        Spine spine = files(SpineKind.PARQUET, lake.spineParquet("p.parquet", IN_FILES, "1 | 2024-02-01 | 0.5"));

        Violation violation = lake.violations(request(typed(spine, "score", "decimal(9, 2)"), "facts:value"))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("SPINE_COLUMN_TYPE");
        assertThat(violation.getField()).isEqualTo("spine.column_types.score");
        assertThat(violation.getMessage()).contains("is double in the spine, not decimal(9, 2)");

        for (Map.Entry<String, String> same :
                Map.of("score", "float64", "id", "int64").entrySet()) {
            assertThat(lake.retrieve(request(typed(spine, same.getKey(), same.getValue()), "facts:value"))
                            .column("value"))
                    .as("%s; a key is compared with the views", same)
                    .containsExactly("10");
        }
    }

    /// Nothing else compares the keys of a spine that has no rows.
    @Test
    void refusesAnotherTypeOfAKeyThanTheViewsHave() {
        Spine range = Spine.newBuilder().setKind(SpineKind.RANGE).build();
        for (Spine spine : List.of(all(), range)) {
            Violation violation = lake.violations(request(typed(spine, "id", "string"), "facts:value"))
                    .getFirst();
            assertThat(violation.getCode()).as("%s", spine.getKind()).isEqualTo("SPINE_COLUMN_TYPE");
            assertThat(violation.getField()).isEqualTo("spine.column_types.id");
        }
    }

    /// Looking for the names that were meant would take minutes, and nobody would see them.
    @Test
    @Timeout(20)
    void looksForNoMoreNamesThanItLists() {
        String header =
                LABELS.lines().findFirst().orElseThrow() + numbered(2_000).collect(Collectors.joining(",", ",", "\n"));
        Spine spine = Spine.newBuilder(files(SpineKind.CSV, lake.spineFile("wide.csv", header)))
                .setColumnTypes(numbered(20_000).collect(Collectors.toMap(name -> "x" + name, _ -> "int32")))
                .build();
        assertThat(lake.violations(request(spine, "facts:value"))).hasSize(Limits.VIOLATIONS);
    }

    private static Stream<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj("a_column_%d"::formatted);
    }

    private static Spine typed(Spine spine, String column, String dtype) {
        return Spine.newBuilder(spine).setColumnTypes(Map.of(column, dtype)).build();
    }

    private static Spine kept(Spine spine, String... columns) {
        return Spine.newBuilder(spine).setColumns(List.of(columns)).build();
    }
}
