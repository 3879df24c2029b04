package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a result warns about. SnapshotRulesTest has columns that are not there yet.
final class ResultWarningsTest {
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
    void textColumnsThatLookLikeNumbers() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String csv = """
                id,event_timestamp,churned,price,zip,note,nothing
                1,2024-01-02,1,-1.5,01234,7,
                1,2024-01-02,0,2e3,99999,x,
                1,2024-01-02,,,99999,8,
                """;
        Spine spine = files(SpineKind.CSV, lake.spineFile("s.csv", csv));

        assertThat(lake.retrieve(request(spine, "facts:value")).completed().warnings())
                .extracting(Violation::getCode, Violation::getField, Violation::getSampled)
                .containsExactly(
                        tuple("NUMBERS_AS_TEXT", "spine.column_types.churned", true),
                        tuple("NUMBERS_AS_TEXT", "spine.column_types.price", true));
        assertThat(lake.retrieve(request(
                                Spine.newBuilder(spine)
                                        .setColumnTypes(Map.of("churned", "int32", "price", "string"))
                                        .build(),
                                "facts:value"))
                        .completed()
                        .warnings())
                .isEmpty();
    }

    @Test
    void manyTies() {
        lake.facts("facts", "1 | 2024-01-01 | 10", "1 | 2024-01-01 | 11", "2 | 2024-01-01 | 20");
        Spine one = rows(List.of("id", "event_timestamp"), row("1", "2024-01-02"), row("2", "2024-01-02"));

        Violation warning = lake.retrieve(request(one, "facts:value"))
                .completed()
                .warnings()
                .getFirst();
        assertThat(warning.getCode()).isEqualTo("MANY_TIES");
        assertThat(warning.getField()).isEqualTo("features[0]");
        assertThat(warning.getMessage()).contains("1 of 2 spine rows");
        assertThat(lake.retrieve(request(ids("id", "2"), "facts:value"))
                        .completed()
                        .warnings())
                .isEmpty();
    }

    @Test
    void aResultHasAtMostSoManyColumnsWithThoseThatAreKeptOnly() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        StringBuilder header = new StringBuilder("id,event_timestamp");
        StringBuilder values = new StringBuilder("1,2024-01-02");
        for (int i = 0; i < 3_000; i++) {
            header.append(",c").append(i);
            values.append(",x");
        }
        Spine wide = files(SpineKind.CSV, lake.spineFile("wide.csv", header + "\n" + values + "\n"));

        Violation violation = lake.violations(request(wide, "facts:value")).getFirst();
        assertThat(violation.getCode()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(violation.getMessage()).contains("3003 columns").contains("'columns'");
        assertThat(lake.retrieve(request(
                                Spine.newBuilder(wide)
                                        .setColumns(List.of("id", "event_timestamp", "c7"))
                                        .build(),
                                "facts:value"))
                        .column("c7"))
                .containsExactly("x");
    }
}
