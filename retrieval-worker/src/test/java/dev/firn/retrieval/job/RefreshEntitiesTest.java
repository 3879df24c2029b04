package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run over all entities as of now that starts from its predecessor.
final class RefreshEntitiesTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private DataFile first;
    private RefreshRuns runs;
    private RetrievalRequest.Builder request = request(Given.all(), "facts:value");
    private Instant now = NOW;

    @BeforeEach
    void firstRun() {
        lake = new LakeFixture(folder);
        facts = lake.table("facts", "name string, event timestamptz, value int");
        lake.register(lake.view(facts, List.of("name"), List.of("value")));
        first = append("d 10", "b 20", "f 30");
        runs = new RefreshRuns(lake, "daily");
        runs.run(request, NOW);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private DataFile append(String... namesAndValues) {
        return append(facts, Instant.parse("2024-01-01T00:00:00Z"), namesAndValues);
    }

    private DataFile append(Table table, Instant time, String... namesAndValues) {
        List<String> rows = new ArrayList<>();
        for (String row : namesAndValues) {
            rows.add(row.replace(" ", " | " + time + " | "));
        }
        return lake.append(table, rows.toArray(String[]::new));
    }

    /// The next run finds these entities with these values, as a full run does.
    private ViewOutcome finds(String... namesAndValues) {
        Completed completed = runs.run(request, now);
        assertThat(ResultTable.read(completed).rows()).containsExactly(namesAndValues);
        Completed full = runs.full(request, now);
        assertThat(completed.digest()).isEqualTo(full.digest());
        assertThat(completed.rows()).isEqualTo(full.rows());
        assertThat(completed.views().getFirst().getUnmatched())
                .isEqualTo(full.views().getFirst().getUnmatched());
        return completed.views().getFirst();
    }

    private ViewOutcome findsByTheChange(String... namesAndValues) {
        ViewOutcome view = finds(namesAndValues);
        assertThat(view.getRefresh()).as(view.getRefreshReason()).isEqualTo(RefreshKind.INCREMENTAL);
        return view;
    }

    @Test
    void keepsEntitiesAndReadsNothingIfNothingChanged() {
        ViewOutcome view = findsByTheChange("b 20", "d 10", "f 30");
        assertThat(view.getRowsKept()).isEqualTo(3);
        assertThat(view.getFilesRead()).isZero();
    }

    @Test
    void addsEntitiesThatCame() {
        append("a 1", "d 11", "e 2", "g 3");
        ViewOutcome view = findsByTheChange("a 1", "b 20", "d 11", "e 2", "f 30", "g 3");
        assertThat(view.getRowsKept()).isEqualTo(2);
        assertThat(view.getRowsLookedUp()).isEqualTo(1);
        assertThat(view.getRowsReplaced()).isEqualTo(3);
        findsByTheChange("a 1", "b 20", "d 11", "e 2", "f 30", "g 3");
    }

    @Test
    void leavesOutEntitiesWhoseRowsAreGone() {
        append("e 2");
        findsByTheChange("b 20", "d 10", "e 2", "f 30");
        TableFiles.deletePositions(facts, first, 0);
        findsByTheChange("b 20", "e 2", "f 30");
        append("d 12");
        findsByTheChange("b 20", "d 12", "e 2", "f 30");
        TableFiles.deleteEqual(facts, "name", "f");
        TableFiles.deleteEqual(facts, "name", "b");
        findsByTheChange("d 12", "e 2");
    }

    @Test
    void startsFromAResultWithoutRows() {
        facts.newDelete().deleteFile(first).commit();
        finds();
        append("c 5");
        findsByTheChange("c 5");
    }

    /// Rows pass into view and expire as time moves.
    @Test
    void movesWithTime() {
        lake.register(lake.view(facts, List.of("name"), List.of("value")).setTtlMicros(60_000_000L));
        append(facts, NOW, "a 1", "b 21");
        append(facts, NOW.plusSeconds(60), "c 2");
        finds("a 1", "b 21");
        append(facts, NOW.plusSeconds(30), "b 22");
        now = NOW.plusSeconds(40);
        findsByTheChange("a 1", "b 22");
        now = NOW.plusSeconds(61);
        findsByTheChange("b 22", "c 2");
    }

    @Test
    void mergesEntitiesOfSeveralViewsOverManySlices() {
        Table other = lake.table("other", "name string, event timestamptz, value int");
        lake.register(lake.view(other, List.of("name"), List.of("value")));
        request = request(Given.all(), "facts:value", "other:value").setFullFeatureNames(true);
        runs.withBudget(2L << 20).withRowsPerFile(64);
        String[] rows = new String[400];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "n%03d 7".formatted(2 * i);
        }
        DataFile even = append(facts, NOW.minusSeconds(9), rows);
        runs.run(request, now);
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "n%03d 8".formatted(3 * i);
        }
        append(other, NOW.minusSeconds(9), rows);
        TableFiles.deletePositions(facts, even, 0);
        TableFiles.deletePositions(facts, even, 1);
        TableFiles.deletePositions(facts, even, 399);
        Completed completed = runs.run(request, now);
        assertThat(completed.views()).allMatch(view -> view.getRefresh() == RefreshKind.INCREMENTAL);
        assertThat(completed.digest()).isEqualTo(runs.full(request, now).digest());
        assertThat(completed.views().getFirst().getUnmatched())
                .isEqualTo(runs.full(request, now).views().getFirst().getUnmatched());
    }

    /// One view starts from the previous run, the other reads its table, and both find the same entities.
    @Test
    void takesAllEntitiesOfAViewThatRunsInFull() {
        Table other = lake.table("other", "name string, event timestamptz, value int");
        lake.register(lake.view(other, List.of("name"), List.of("value")));
        DataFile file = append(other, NOW.minusSeconds(9), "x 1");
        request = request(Given.all(), "facts:value", "other:value").setFullFeatureNames(true);
        runs.run(request, now);
        append("y 2");
        append(other, NOW.minusSeconds(9), "w 3");
        other.newDelete().deleteFile(file).commit();
        other.expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1)
                .retainLast(1)
                .commit();
        Completed completed = runs.run(request, now);
        assertThat(completed.views().stream().map(ViewOutcome::getRefresh))
                .containsExactly(RefreshKind.INCREMENTAL, RefreshKind.FULL);
        assertThat(ResultTable.read(completed).column("name")).containsExactly("b", "d", "f", "w", "y");
        assertThat(completed.digest()).isEqualTo(runs.full(request, now).digest());
    }

    /// Keys of the first file have been handed out when the second one turns out to be gone.
    @Test
    void goesOnWithTheWholeTablesIfTheResultBreaksOff() throws IOException {
        runs.withRowsPerFile(9_000);
        append(numbered(0, 12_000, 3));
        runs.run(request, now);
        Files.delete(
                Path.of(runs.manifest().result().getFiles().get(1).getLocation().replaceFirst("^file:", "")));
        append(numbered(1, 12_000, 5));
        Completed completed = runs.run(request, now);
        assertThat(completed.digest()).isEqualTo(runs.full(request, now).digest());
        assertThat(completed.views().getFirst().getRefresh()).isEqualTo(RefreshKind.FULL);
        assertThat(completed.views().getFirst().getRefreshReason()).contains("part-00000001");
    }

    private static String[] numbered(int first, int count, int step) {
        String[] rows = new String[count];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = "n%06d 7".formatted(first + step * i);
        }
        return rows;
    }

    @Test
    void runsInFullIfAViewHasNoEntities() {
        Table global = lake.table("global", "event timestamptz, value int");
        lake.append(global, "2024-01-01T00:00:00Z | 7");
        lake.register(lake.view(global, List.of(), List.of("value")));
        request = request(Given.all(), "facts:value", "global:value").setFullFeatureNames(true);
        runs.run(request, now);
        append("a 1");
        assertThat(finds("a 1 7", "b 20 7", "d 10 7", "f 30 7").getRefreshReason())
                .contains("has none");
    }
}
