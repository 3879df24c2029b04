package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run whose spine is a table that changed since the previous run.
final class RefreshGrownSpineTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder REQUEST = request(Given.table("iceberg.gold.spine"), "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private Table spine;
    private DataFile first;
    private RefreshRuns runs;

    @BeforeEach
    void firstRun() {
        lake = new LakeFixture(folder);
        facts = lake.facts("facts", "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        spine = lake.table("spine", "id long, event_timestamp timestamptz");
        first = lake.append(spine, "1 | 2024-01-02T00:00:00Z", "2 | 2024-01-02T00:00:00Z");
        runs = new RefreshRuns(lake, "daily");
        runs.run(REQUEST, NOW);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// The next run returns these values, as a full run does.
    private ViewOutcome returns(String... values) {
        Completed completed = runs.run(REQUEST, NOW);
        assertThat(ResultTable.read(completed).column("value")).containsExactly(values);
        assertThat(completed.digest()).isEqualTo(runs.full(REQUEST, NOW).digest());
        return completed.views().getFirst();
    }

    @Test
    void looksUpNewRowsInFullAndOldOnesByTheChange() {
        lake.append(spine, "1 | 2024-01-01T12:00:00Z", "2 | 2024-01-03T00:00:00Z", "3 | 2024-01-03T00:00:00Z");
        lake.append(facts, "2 | 2024-01-02T00:00:00Z | 21");
        ViewOutcome view = returns("10", "21", "10", "21", "null");
        assertThat(view.getRefresh()).as(view.getRefreshReason()).isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(view.getRowsKept()).isEqualTo(1);
        assertThat(view.getRowsReplaced()).isEqualTo(1);
        assertThat(view.getRowsLookedUp()).isEqualTo(3);
        assertThat(returns("10", "21", "10", "21", "null").getRowsKept()).isEqualTo(4);
    }

    /// The old rows end within the first slice, and a later slice begins within the new ones.
    @Test
    void growsOverManySlices() {
        for (int file = 0; file < 3; file++) {
            String[] rows = new String[100];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = i % 3 + " | 2024-01-02T00:0%d:00Z".formatted(file);
            }
            lake.append(spine, rows);
            lake.append(facts, "1 | 2024-01-02T00:0%d:00Z | 1%d".formatted(file, file));
            runs.withBudget(20_000);
            Completed completed = runs.run(REQUEST, NOW);
            assertThat(completed.digest()).isEqualTo(runs.full(REQUEST, NOW).digest());
            assertThat(completed.views().getFirst().getRefresh()).isEqualTo(RefreshKind.INCREMENTAL);
            assertThat(completed.views().getFirst().getRowsLookedUp()).isEqualTo(100);
        }
    }

    @Test
    void runsInFullIfTheSpineLostRows() {
        TableFiles.deletePositions(spine, first, 0);
        assertThat(returns("20").getRefreshReason()).isEqualTo("its rows changed in other ways than by new rows");
    }

    @Test
    void runsInFullIfTheSpineWasRewritten() {
        DataFile swapped = TableFiles.write(spine, "2 | 2024-01-02T00:00:00Z", "1 | 2024-01-02T00:00:00Z");
        spine.newRewrite().deleteFile(first).addFile(swapped).commit();
        assertThat(returns("20", "10").getRefreshReason()).isEqualTo("its rows changed in other ways than by new rows");
    }

    /// Its new rows come before the old ones.
    @Test
    void runsInFullIfAPathComesAgain() {
        DataFile second = lake.append(spine, "3 | 2024-01-02T00:00:00Z");
        returns("10", "20", "null");
        spine.newDelete().deleteFile(first).commit();
        spine.newAppend().appendFile(first).commit();
        assertThat(second.recordCount()).isEqualTo(1);
        assertThat(returns("null", "10", "20").getRefreshReason())
                .isEqualTo("its rows changed in other ways than by new rows");
    }

    /// A job that writes its file anew under its old name, and adds it again.
    @Test
    void runsInFullIfAPathComesAgainWithOtherRows() throws IOException {
        DataFile other = TableFiles.write(spine, "2 | 2024-01-02T00:00:00Z", "2 | 2024-01-02T00:00:00Z");
        spine.newDelete().deleteFile(first).commit();
        Path path = Path.of(URI.create(first.location()));
        Files.copy(Path.of(URI.create(other.location())), path, StandardCopyOption.REPLACE_EXISTING);
        Files.delete(path.resolveSibling("." + path.getFileName() + ".crc"));
        spine.newAppend()
                .appendFile(DataFiles.builder(spine.spec())
                        .copy(other)
                        .withPath(first.location())
                        .build())
                .commit();
        assertThat(returns("20", "20").getRefreshReason()).isEqualTo("its rows changed in other ways than by new rows");
    }

    @Test
    void runsInFullIfTheEarlierSpineExpired() {
        lake.append(spine, "1 | 2024-01-01T12:00:00Z");
        spine.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1)
                .retainLast(1)
                .commit();
        assertThat(returns("10", "20", "10").getRefreshReason()).contains("expired");
    }

    @Test
    void runsInFullIfTheSpineWasEmpty() {
        Table empty = lake.table("empty", "id long, event_timestamp timestamptz");
        RetrievalRequest.Builder request = request(Given.table("iceberg.gold.empty"), "facts:value");
        RefreshRuns other = new RefreshRuns(lake, "other");
        other.run(request, NOW);
        lake.append(empty, "1 | 2024-01-02T00:00:00Z");
        Completed completed = other.run(request, NOW);
        assertThat(completed.views().getFirst().getRefreshReason()).isEqualTo("its rows changed");
        assertThat(ResultTable.read(completed).column("value")).containsExactly("10");
    }
}
