package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a refresh reads after deletes by position and copy-on-write, and that the rows are right whichever way it
/// takes.
final class RefreshDeletesTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final int ROWS = 60_000;
    /// Among the keys of every page.
    private static final int KEY = 30_000;
    private static final RetrievalRequest.Builder REQUEST =
            request(Given.idsAndTimes("1 2024-01-09T00:00:00Z", "2 2024-01-09T00:00:00Z"), "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private RefreshRuns runs;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
        facts = lake.table(
                "facts",
                TableText.schema(LakeFixture.FACTS),
                PartitionSpec.unpartitioned(),
                Map.of("format-version", "2", "write.parquet.page-row-limit", "1000"));
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        runs = new RefreshRuns(lake, "daily");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private ViewOutcome incremental(String... values) {
        return incremental(REQUEST, values);
    }

    private ViewOutcome incremental(RetrievalRequest.Builder request, String... values) {
        Completed completed = runs.run(request, NOW);
        ViewOutcome view = completed.views().getFirst();
        assertThat(view.getRefresh()).as(view.getRefreshReason()).isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(completed.digest()).isEqualTo(runs.full(request, NOW).digest());
        assertThat(ResultTable.read(completed).column("value")).containsExactly(values);
        return view;
    }

    /// Keys at random, so that nothing rules out a page.
    private DataFile append(int first) {
        return lake.append(
                facts,
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "%d | 2024-01-0%dT00:00:%02dZ | %d"
                                .formatted(i * 7919L % ROWS, first, i % 60, first * ROWS + i))
                        .toArray(String[]::new));
    }

    /// To find out which rows are gone would cost a look through the keys and times, and to look up the rows that lost
    /// theirs would cost another.
    @Test
    void looksThroughTheTableOnceIfDeletesHitMostOfIt() {
        DataFile file = lake.append(
                facts,
                "1 | 2024-01-01T00:00:00Z | 10",
                "1 | 2024-01-02T00:00:00Z | 11",
                "2 | 2024-01-01T00:00:00Z | 20");
        runs.run(REQUEST, NOW);
        TableFiles.deletePositions(facts, file, 1);

        ViewOutcome view = incremental("10", "20");
        assertThat(view.getRowsScanned()).isEqualTo(3);
        assertThat(view.getRowsKept()).isEqualTo(1);
        assertThat(view.getRowsLookedUp()).isEqualTo(1);
    }

    /// The value of a row that was written again under the same times is not that of the previous result.
    @Test
    void readsTheValueOfARowThatWasRewritten() {
        DataFile file = lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        runs.run(REQUEST, NOW);
        facts.newOverwrite()
                .deleteFile(file)
                .addFile(TableFiles.write(facts, "1 | 2024-01-01T00:00:00Z | 12", "2 | 2024-01-01T00:00:00Z | 20"))
                .commit();

        incremental("12", "20");
    }

    @Test
    void readsTheValueOfATiedRow() {
        DataFile file = lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10", "1 | 2024-01-01T00:00:00Z | 11");
        runs.run(REQUEST, NOW);
        TableFiles.deletePositions(facts, file, 1);

        incremental("10", "null");
    }

    /// A delete of a few rows costs the pages of those rows, not the keys and times of their files.
    @Test
    void readsOnlyThePagesOfDeletedRows() {
        RetrievalRequest.Builder request = request(
                Given.idsAndTimes(KEY + " 2024-01-09T00:00:00Z", KEY + 1 + " 2024-01-09T00:00:00Z"), "facts:value");
        DataFile first = append(1);
        append(2);
        append(3);
        runs.run(request, NOW);
        assertThat(runs.full(request, NOW).views().getFirst().getRowsScanned()).isEqualTo(3 * ROWS);

        TableFiles.deletePositions(facts, first, 30_000);
        ViewOutcome view = incremental(request, value(KEY), value(KEY + 1));
        assertThat(view.getRowsScanned()).isPositive().isLessThan(ROWS / 4);
        assertThat(view.getRowsLookedUp()).isZero();
    }

    /// The value of the key's row in the third file.
    private static String value(int key) {
        int row = IntStream.range(0, ROWS)
                .filter(i -> i * 7919L % ROWS == key)
                .findFirst()
                .orElseThrow();
        return Integer.toString(3 * ROWS + row);
    }
}
