package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.parquet.Parquet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A refresh counts the memory that it needs, and if it finds too little, the run is a full one.
final class RefreshMemoryTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");

    /// The deletes of both snapshots do not fit into the budget at once; those of one do.
    @Test
    void runsInFullIfARefreshNeedsMoreMemory(@TempDir Path folder) throws IOException {
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table facts = lake.table("facts", LakeFixture.FACTS);
            List<DataFile> files = Stream.of(1, 2)
                    .map(id -> lake.append(
                            facts,
                            IntStream.range(0, 3)
                                    .mapToObj(hour -> "%d | 2024-01-01T0%d:00:00Z | %d%d".formatted(id, hour, id, hour))
                                    .toArray(String[]::new)))
                    .toList();
            lake.register(lake.view(facts, List.of("id"), List.of("value")));
            delete(facts, files, 2, 110_002);
            RefreshRuns runs = new RefreshRuns(lake, "daily").withBudget(4L << 20);
            RetrievalRequest.Builder request =
                    request(Given.files(SpineKind.PARQUET, spine(lake, 9_000)), "facts:value");
            runs.run(request, NOW);
            delete(facts, files, 1, 2);
            Completed completed = runs.run(request, NOW);
            assertThat(completed.digest()).isEqualTo(runs.full(request, NOW).digest());
            assertThat(completed.views().getFirst().getRefresh()).isEqualTo(RefreshKind.FULL);
            assertThat(completed.views().getFirst().getRefreshReason()).contains("memory");
        }
    }

    /// Each slice reads each file that it needs once.
    @Test
    void cutsSmallerSlicesForARefresh(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            Table facts = lake.facts("facts", "1 | 2024-01-01T00:00:00Z | 10");
            RefreshRuns runs = new RefreshRuns(lake, "daily").withBudget(4L << 20);
            RetrievalRequest.Builder request =
                    request(Given.files(SpineKind.PARQUET, spine(lake, 30_000)), "facts:value");
            Completed first = runs.run(request, NOW);
            lake.append(facts, "1 | 2024-01-01T01:00:00Z | 11");
            Completed refreshed = runs.run(request, NOW);
            Completed full = runs.full(request, NOW);
            assertThat(refreshed.digest()).isEqualTo(full.digest());
            ViewOutcome view = refreshed.views().getFirst();
            assertThat(view.getRefresh()).isEqualTo(RefreshKind.INCREMENTAL);
            assertThat(full.views().getFirst().getFilesRead()).isEqualTo(2 * 2);
            assertThat(first.views().getFirst().getFilesRead()).isEqualTo(2);
            assertThat(view.getFilesRead()).isEqualTo(4);
        }
    }

    private static String spine(LakeFixture lake, int rows) {
        return lake.spineParquet(
                "rows.parquet",
                TableText.schema("id long, event_timestamp timestamptz"),
                IntStream.range(0, rows)
                        .mapToObj(i -> i % 3 + " | 2024-01-02T00:00:00Z")
                        .toArray(String[]::new));
    }

    private static void delete(Table table, List<DataFile> files, long from, long to) throws IOException {
        PositionDeleteWriter<Record> writer = Parquet.writeDeletes(
                        table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet"))
                .withSpec(table.spec())
                .overwrite()
                .buildPositionWriter();
        try (writer) {
            for (String file : files.stream().map(DataFile::location).sorted().toList()) {
                for (long position = from; position < to; position++) {
                    PositionDelete<Record> delete = PositionDelete.create();
                    writer.write(delete.set(file, position));
                }
            }
        }
        table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
    }
}
