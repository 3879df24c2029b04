package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.PreviousRun;
import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs whose worker ended before it decided, and runs that are made again after others followed.
final class RefreshReplayTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder REQUEST =
            request(Given.idsAndTimes("1 2024-01-03T00:00:00Z", "2 2024-01-03T00:00:00Z"), "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private DataFile file;
    private RefreshRuns runs;

    @BeforeEach
    void firstRun() {
        lake = new LakeFixture(folder);
        facts = lake.table("facts", LakeFixture.FACTS);
        file = lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        runs = new RefreshRuns(lake, "daily");
        runs.run(REQUEST, NOW);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private static void isIncremental(Completed run, String... values) {
        assertThat(run.views().getFirst().getRefresh())
                .as(run.views().getFirst().getRefreshReason())
                .isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(ResultTable.read(run).column("value")).containsExactly(values);
    }

    private void damage(String location) throws IOException {
        Path path = Path.of(location.replaceFirst("^file:", ""));
        byte[] bytes = Files.readAllBytes(path);
        bytes[bytes.length / 2] ^= 1;
        Files.write(path, bytes);
    }

    /// Whatever it wrote of its result and its state, no manifest names it.
    @Test
    void startsFromTheRunBeforeIfTheLastOneBrokeOff() throws IOException {
        lake.append(facts, "1 | 2024-01-02T00:00:00Z | 11");
        Completed brokeOff = runs.breakOff(REQUEST, NOW);
        isIncremental(brokeOff, "11", "20");
        damage(Objects.requireNonNull(brokeOff.state()).location());
        damage(brokeOff.files().getFirst().location());
        lake.append(facts, "2 | 2024-01-02T00:00:00Z | 21");
        isIncremental(runs.run(REQUEST, NOW), "11", "21");
        isIncremental(runs.run(REQUEST, NOW), "11", "21");
    }

    @Test
    void aRunMadeAgainAfterItsSuccessorFindsTheSameRows() {
        PreviousRun first = Objects.requireNonNull(runs.previous());
        lake.append(facts, "1 | 2024-01-02T00:00:00Z | 11");
        Completed second = runs.run(REQUEST, NOW);
        TableFiles.deletePositions(facts, file, 1);
        isIncremental(runs.run(REQUEST, NOW), "11", "null");

        Completed again = runs.replay(second, first, REQUEST, NOW);
        isIncremental(again, "11", "20");
        assertThat(again.digest()).isEqualTo(second.digest());
    }

    /// The answers of later runs may have been lost on their way.
    @Test
    void startsFromAnOlderRunToo() {
        PreviousRun first = Objects.requireNonNull(runs.previous());
        lake.append(facts, "1 | 2024-01-02T00:00:00Z | 11");
        runs.run(REQUEST, NOW);
        TableFiles.deletePositions(facts, file, 1);
        runs.run(REQUEST, NOW);
        Completed again = runs.breakOff(REQUEST, NOW);
        runs.startFrom(first);
        Completed older = runs.breakOff(REQUEST, NOW);
        isIncremental(older, "11", "null");
        assertThat(older.digest()).isEqualTo(again.digest());
    }

    @Test
    void theRunAfterALostStateLeavesANewOne() throws IOException {
        Files.delete(Path.of(Objects.requireNonNull(runs.manifest().state()).location()));
        lake.append(facts, "1 | 2024-01-02T00:00:00Z | 11");
        Completed full = runs.run(REQUEST, NOW);
        assertThat(full.views().getFirst().getRefresh()).isEqualTo(RefreshKind.FULL);
        lake.append(facts, "2 | 2024-01-02T00:00:00Z | 21");
        isIncremental(runs.run(REQUEST, NOW), "11", "21");
    }
}
