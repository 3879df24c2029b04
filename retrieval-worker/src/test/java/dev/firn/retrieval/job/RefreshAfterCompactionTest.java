package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run after a compaction that began before a delete, or that did not keep all rows.
final class RefreshAfterCompactionTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder REQUEST =
            request(Given.idsAndTimes("1 2024-01-02T00:00:00Z", "2 2024-01-02T00:00:00Z"), "facts:value");
    private static final String ROW = "1 | 2024-01-01T00:00:00Z | ";
    private static final String OTHER = "2 | 2024-01-01T00:00:00Z | ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;
    private Table facts;
    private RefreshRuns runs;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
        facts = lake.table("facts", LakeFixture.FACTS);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        runs = new RefreshRuns(lake, "daily");
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

    private DeleteFile deleteEqual(String id) {
        TableFiles.deleteEqual(facts, "id", id);
        return SnapshotChanges.builderFor(facts)
                .snapshot(facts.currentSnapshot())
                .build()
                .addedDeleteFiles()
                .iterator()
                .next();
    }

    /// Rewrites files as a compaction does that read them at an earlier sequence number.
    private DataFile rewrite(DataFile from, long sequence, String... rows) {
        DataFile to = TableFiles.write(facts, rows);
        facts.newRewrite()
                .dataSequenceNumber(sequence)
                .deleteFile(from)
                .addFile(to)
                .commit();
        return to;
    }

    @Test
    void findsRowsThatComeBackInWhatACompactionWrote() {
        DataFile file = lake.append(facts, ROW + "10", OTHER + "20");
        long start = facts.currentSnapshot().sequenceNumber();
        DeleteFile delete = deleteEqual("1");
        returns("null", "20");
        rewrite(file, start, ROW + "10", OTHER + "20");
        facts.newRowDelta().removeDeletes(delete).commit();
        assertThat(returns("10", "20").getRefresh()).isEqualTo(RefreshKind.INCREMENTAL);
    }

    /// One row comes back in what the compaction wrote while another one there is deleted.
    @Test
    void findsBothWhatComesBackAndWhatGoesInWhatACompactionWrote() {
        DataFile file = lake.append(facts, ROW + "10", OTHER + "20");
        long start = facts.currentSnapshot().sequenceNumber();
        DeleteFile delete = deleteEqual("1");
        returns("null", "20");
        DataFile output = rewrite(file, start, ROW + "10", OTHER + "20");
        facts.newRowDelta().removeDeletes(delete).commit();
        TableFiles.deletePositions(facts, output, 1);
        assertThat(returns("10", "null").getRefresh()).isEqualTo(RefreshKind.INCREMENTAL);
    }

    /// A row of the compaction's output was dead already, and has the values of a winner that is not.
    @Test
    void takesNoRowForGoneThatWasDeadBefore() {
        lake.append(facts, OTHER + "80");
        DataFile file = lake.append(facts, ROW + "10");
        long start = facts.currentSnapshot().sequenceNumber();
        deleteEqual("1");
        DataFile second = lake.append(facts, ROW + "20");
        returns("20", "80");
        DataFile output = rewrite(file, start, ROW + "10");
        TableFiles.deletePositions(facts, output, 0);
        DataFile third = lake.append(facts, ROW + "30");
        assertThat(returns("30", "80").getAmbiguous()).isEqualTo(1);
        DataFile both = TableFiles.write(facts, ROW + "30", ROW + "20");
        facts.newRewrite()
                .validateFromSnapshot(facts.currentSnapshot().snapshotId())
                .deleteFile(second)
                .deleteFile(third)
                .addFile(both)
                .commit();
        returns("20", "80");
    }

    /// Its counts say so, although the table has a delete: that one hit none of the rewritten files.
    @Test
    void readsAReplaceThatDropsRows() {
        DataFile file = lake.append(facts, ROW + "10", OTHER + "20");
        DataFile other = lake.append(facts, "3 | 2024-01-01T00:00:00Z | 30", "4 | 2024-01-01T00:00:00Z | 40");
        TableFiles.deletePositions(facts, other, 1);
        returns("10", "20");
        replace(file, TableFiles.write(facts, OTHER + "20"));
        returns("null", "20");
    }

    /// Two rows are gone, although only one was deleted.
    @Test
    void readsAReplaceThatDropsMoreRowsThanWereDeleted() {
        DataFile file = lake.append(facts, ROW + "10", OTHER + "20", "3 | 2024-01-01T00:00:00Z | 30");
        TableFiles.deletePositions(facts, file, 2);
        returns("10", "20");
        replace(file, TableFiles.write(facts, OTHER + "20"));
        returns("null", "20");
    }

    /// The deleted row of the rewritten file, and no other, is left out: that changed nothing.
    @Test
    void passesOverACompactionThatLeavesDeletedRowsOut() {
        DataFile file = lake.append(facts, ROW + "10", OTHER + "20", "3 | 2024-01-01T00:00:00Z | 30");
        TableFiles.deletePositions(facts, file, 2);
        returns("10", "20");
        replace(file, TableFiles.write(facts, OTHER + "20", ROW + "10"));
        ViewOutcome view = returns("10", "20");
        assertThat(view.getRowsKept()).isEqualTo(2);
        assertThat(view.getFilesRead()).isZero();
    }

    private void replace(DataFile from, DataFile to) {
        facts.newRewrite()
                .validateFromSnapshot(facts.currentSnapshot().snapshotId())
                .deleteFile(from)
                .addFile(to)
                .commit();
    }
}
