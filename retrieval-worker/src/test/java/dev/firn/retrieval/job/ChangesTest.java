package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.ChangesMode;
import dev.firn.events.ChangesKind;
import dev.firn.events.PreviousRun;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RunChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run of a standing retrieval tells what it changed in the result before it. [RefreshRuns] checks that whoever
/// follows the changes has the whole result.
final class ChangesTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder ROWS = request(
            Given.idsAndTimes("1 2024-01-02T00:00:00Z", "2 2024-01-02T00:00:00Z", "1 2024-01-05T00:00:00Z"),
            "facts:value");
    private static final RetrievalRequest.Builder ALL = request(Given.all(), "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private RefreshRuns runs;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
        facts = lake.facts("facts", "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        runs = new RefreshRuns(lake, "daily");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private RefreshRuns in(boolean incremental, ChangesMode mode) {
        return runs.with(new Refresh.Settings(incremental, 1_000, lake.results() + "/test", mode));
    }

    private RunChanges changes(RetrievalRequest.Builder request) {
        return Objects.requireNonNull(runs.run(request, NOW).changes());
    }

    private void reset(RetrievalRequest.Builder request, String reason) {
        RunChanges changes = changes(request);
        assertThat(changes.getKind()).isEqualTo(ChangesKind.RESET);
        assertThat(changes.getResetReason()).contains(reason);
    }

    private static List<String> rows(RunChanges changes) {
        List<String> rows = new ArrayList<>();
        for (ResultFile file : changes.getFiles()) {
            rows.addAll(ResultTable.readTable(file.getLocation()).rows());
        }
        return rows;
    }

    @Test
    void listsTheRowsWhoseFeaturesDiffer() {
        for (boolean incremental : List.of(true, false)) {
            in(incremental, ChangesMode.ALWAYS);
            changes(ROWS);
            String before = Objects.requireNonNull(runs.previous()).getRequestId();
            lake.append(facts, "1 | 2024-01-04T00:00:00Z | " + (incremental ? 11 : 12));
            RunChanges changes = changes(ROWS);
            assertThat(changes.getKind()).isEqualTo(ChangesKind.DELTA);
            assertThat(changes.getSinceRequestId()).isEqualTo(before);
            assertThat(changes.getLocation()).endsWith("/changes/").contains("/_token");
            assertThat(rows(changes)).containsExactly("UPDATE_AFTER 2 1 2024-01-05T00:00Z " + (incremental ? 11 : 12));
        }
    }

    /// The row that wins is another one, and has the same value.
    @Test
    void listsNothingIfTheValuesAreTheSame() {
        changes(ROWS);
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 10");
        RunChanges changes = changes(ROWS);
        assertThat(changes.getKind()).isEqualTo(ChangesKind.DELTA);
        assertThat(changes.getRowsUpdated()).isZero();
        assertThat(rows(changes)).isEmpty();
        assertThat(ResultTable.readTable(changes.getFiles().getFirst().getLocation())
                        .names())
                .containsExactly("_change_type", "_row_number", "id", "event_timestamp", "value");
    }

    @Test
    void listsARowWhoseFeatureExpired() {
        lake.register(lake.view(facts, List.of("id"), List.of("value")).setTtlMicros(3_600_000_000L));
        RetrievalRequest.Builder ids = request(Given.ids("id", "1", "2", "3"), "facts:value");
        runs.run(ids, Instant.parse("2024-01-01T00:30:00Z"));
        RunChanges changes = runs.run(ids, NOW).changes();
        assertThat(rows(Objects.requireNonNull(changes)))
                .containsExactly("UPDATE_AFTER 0 1 null", "UPDATE_AFTER 1 2 null");
    }

    @Test
    void listsEntitiesThatCameAndWent() {
        changes(ALL);
        lake.append(facts, "0 | 2024-01-01T00:00:00Z | 5", "3 | 2024-01-01T00:00:00Z | 30");
        assertThat(rows(changes(ALL))).containsExactlyInAnyOrder("INSERT 0 0 5", "INSERT 3 3 30");
        TableFiles.deleteEqual(facts, "id", "1");
        lake.append(facts, "2 | 2024-01-02T00:00:00Z | 21");
        RunChanges changes = changes(ALL);
        assertThat(rows(changes)).containsExactlyInAnyOrder("DELETE 1 1 null", "UPDATE_AFTER 1 2 21");
        assertThat(List.of(changes.getRowsAdded(), changes.getRowsRemoved(), changes.getRowsUpdated()))
                .containsExactly(0L, 1L, 1L);
        TableFiles.deleteEqual(facts, "id", "3");
        assertThat(rows(changes(ALL))).containsExactly("DELETE 2 3 null");
    }

    @Test
    void listsTheNewRowsOfASpineThatIsATable() {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz, label string");
        lake.append(spine, "1 | 2024-01-02T00:00:00Z | a");
        RetrievalRequest.Builder request = request(Given.table("iceberg.gold.spine"), "facts:value");
        changes(request);
        lake.append(spine, "2 | 2024-01-02T00:00:00Z | b");
        assertThat(rows(changes(request))).containsExactly("INSERT 1 2 2024-01-02T00:00Z b 20");
        spine.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(TableFiles.write(spine, "1 | 2024-01-02T00:00:00Z | c", "2 | 2024-01-02T00:00:00Z | b"))
                .commit();
        reset(request, "its rows changed");
        spine.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(TableFiles.write(spine, "1 | 2024-01-02T00:00:00Z | c"))
                .commit();
        reset(request, "its rows changed");
    }

    @Test
    void isAResetForAnotherDefinitionAndWithoutARunBefore() {
        reset(ROWS, "there is no successful run before it");
        reset(RetrievalRequest.newBuilder(ROWS.build()).setIncludeEventTimestamps(true), "the definition changed");
    }

    @Test
    void isAResetIfTheResultBeforeIsGone() throws IOException {
        changes(ROWS);
        Files.delete(path(runs.manifest().result().getFiles().getFirst().getLocation()));
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11");
        reset(ROWS, "part-00000000.parquet");
        PreviousRun previous = Objects.requireNonNull(runs.previous());
        Files.delete(path(previous.getManifestLocation()));
        reset(ROWS, "_manifest.json");
    }

    /// That the spine has fewer rows is found at its end, when a file is written.
    @Test
    void leavesNoFilesIfItIsAReset() throws IOException {
        Table spine = lake.table("spine", "id long, event_timestamp timestamptz");
        lake.append(spine, "1 | 2024-01-02T00:00:00Z", "2 | 2024-01-02T00:00:00Z");
        RetrievalRequest.Builder request = request(Given.table("iceberg.gold.spine"), "facts:value");
        runs.withRowsPerFile(1);
        changes(request);
        lake.append(facts, "1 | 2024-01-01T12:00:00Z | 11");
        spine.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(TableFiles.write(spine, "1 | 2024-01-02T00:00:00Z"))
                .commit();
        reset(request, "its rows changed");
        try (var left = Files.walk(path(lake.results() + "/test"))) {
            assertThat(left.filter(Files::isRegularFile)
                            .filter(file ->
                                    Objects.requireNonNull(file.getParent()).endsWith("changes")))
                    .isEmpty();
        }
    }

    @Test
    void isAResetIfTheResultHasAColumnOfTheChanges() {
        Table odd = lake.table("odd", "id long, event timestamptz, _row_number int");
        lake.register(lake.view(odd, List.of("id"), List.of("_row_number")));
        RetrievalRequest.Builder request = request(Given.ids("id", "1"), "odd:_row_number");
        changes(request);
        reset(request, "the result has a column '_row_number'");
    }

    @Test
    void comparesOnlyAsTheSettingSays() {
        in(true, ChangesMode.INCREMENTAL);
        reset(ROWS, "there is no successful run before it");
        assertThat(changes(ROWS).getKind()).isEqualTo(ChangesKind.DELTA);
        in(false, ChangesMode.INCREMENTAL);
        reset(ROWS, "firn.refresh.changes is incremental");
        in(false, ChangesMode.NEVER);
        assertThat(runs.run(ROWS, NOW).changes()).isNull();
    }

    /// The state has the definition.
    @Test
    void startsFromARunThatWroteNoChanges() {
        in(true, ChangesMode.NEVER).run(ROWS, NOW);
        in(true, ChangesMode.ALWAYS);
        assertThat(changes(ROWS).getKind()).isEqualTo(ChangesKind.DELTA);
    }

    @Test
    void otherRetrievalsHaveNoChanges() {
        assertThat(runs.full(ROWS, NOW).changes()).isNull();
    }

    private static Path path(String location) {
        return Path.of(location.replaceFirst("^file:", ""));
    }
}
