package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RefreshKind;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run does not start from one whose definition differs in what the same request means.
final class RefreshDefinitionTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private RefreshRuns runs;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
        runs = new RefreshRuns(lake, "daily");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// The same columns are read; only which of them is which feature has changed.
    @Test
    void runsInFullIfTwoFeaturesSwapTheirColumns() {
        Table facts = lake.table("facts", "id long, event timestamptz, x int, y int");
        lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10 | 20");
        FeatureView.Builder view = lake.view(facts, List.of("id"), List.of("x", "y"));
        ResolvedColumn x = view.getFeatures().get(0);
        ResolvedColumn y = view.getFeatures().get(1);
        lake.register(view.setFeatures(List.of(named(x, "a"), named(y, "b"))));
        RetrievalRequest.Builder request = request(Given.idsAndTimes("1 2024-01-02T00:00:00Z"), "facts:a", "facts:b");
        runs.run(request, NOW);
        lake.register(view.setVersion(2).setFeatures(List.of(named(x, "b"), named(y, "a"))));
        ResultTable result = ResultTable.read(full(request));
        assertThat(result.column("a")).containsExactly("20");
        assertThat(result.column("b")).containsExactly("10");
    }

    private static ResolvedColumn named(ResolvedColumn column, String name) {
        return ResolvedColumn.newBuilder(column).setName(name).build();
    }

    /// Its files have no field ids, so the mapping says which of their columns is the key.
    @Test
    void runsInFullIfTheNameMappingOfItsRowsChanged() {
        lake.facts("facts", "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        Table rows = lake.table("rows", "id long, event timestamptz, other long");
        map(rows, "k1", "k2");
        new GroupFile(
                        "optional int64 k1; optional int64 event (TIMESTAMP(MICROS,true)); optional int64 k2;",
                        row -> row.append("k1", 1L)
                                .append("event", 1_704_110_400_000_000L)
                                .append("k2", 2L))
                .appendTo(rows);
        RetrievalRequest.Builder request = request(
                Spine.newBuilder(Given.table("iceberg.gold.rows"))
                        .setTimestampColumn("event")
                        .build(),
                "facts:value");
        assertThat(ResultTable.read(runs.run(request, NOW)).column("value")).containsExactly("10");
        map(rows, "k2", "k1");
        assertThat(ResultTable.read(full(request)).column("value")).containsExactly("20");
    }

    private static void map(Table table, String id, String other) {
        String mapping = """
                [{"field-id":1,"names":["%s"]},{"field-id":2,"names":["event"]},{"field-id":3,"names":["%s"]}]
                """.formatted(id, other);
        table.updateProperties()
                .set(TableProperties.DEFAULT_NAME_MAPPING, mapping)
                .commit();
    }

    private Completed full(RetrievalRequest.Builder request) {
        Completed completed = runs.run(request, NOW);
        assertThat(completed.digest()).isEqualTo(runs.full(request, NOW).digest());
        assertThat(completed.views().getFirst().getRefresh()).isEqualTo(RefreshKind.FULL);
        assertThat(completed.views().getFirst().getRefreshReason()).contains("the definition changed");
        return completed;
    }
}
