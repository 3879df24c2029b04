package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An equality delete by the key alone, in all partitions and later than all files that stay, leaves no row of its keys
/// but those that came. A refresh looks nothing up for them. If one condition does not hold, it does.
final class RefreshEqualityTest {
    private static final Instant NOW = Instant.parse("2024-06-01T12:00:00Z");
    private static final RetrievalRequest.Builder REQUEST =
            request(Given.idsAndTimes("1 2024-01-09T00:00:00Z", "2 2024-01-09T00:00:00Z"), "facts:value");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private LakeFixture lake;

    @BeforeEach
    void open() {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private Table table(PartitionSpec spec) {
        Table facts = lake.table("facts", TableText.schema(LakeFixture.FACTS), spec, 2);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        return facts;
    }

    private Table table() {
        return table(PartitionSpec.unpartitioned());
    }

    private RefreshRuns firstRun() {
        RefreshRuns runs = new RefreshRuns(lake, "daily");
        runs.run(REQUEST, NOW);
        return runs;
    }

    private static ViewOutcome incremental(RefreshRuns runs, String... values) {
        Completed completed = runs.run(REQUEST, NOW);
        ViewOutcome view = completed.views().getFirst();
        assertThat(view.getRefresh()).as(view.getRefreshReason()).isEqualTo(RefreshKind.INCREMENTAL);
        assertThat(completed.digest()).isEqualTo(runs.full(REQUEST, NOW).digest());
        assertThat(ResultTable.read(completed).column("value")).containsExactly(values);
        return view;
    }

    private static DeleteFile delete(Table table, @Nullable StructLike partition, List<String> columns, String row) {
        Schema schema = table.schema().select(columns);
        try {
            EqualityDeleteWriter<Record> deletes = Parquet.writeDeletes(
                            table.io().newOutputFile(table.location() + "/data/" + row.hashCode() + ".parquet"))
                    .forTable(table)
                    .rowSchema(schema)
                    .withPartition(partition)
                    .equalityFieldIds(
                            schema.columns().stream().map(NestedField::fieldId).toList())
                    .createWriterFunc(GenericParquetWriter::create)
                    .buildEqualityWriter();
            try (deletes) {
                Record whole = TableText.record(table.schema(), row);
                Record key = GenericRecord.create(schema);
                columns.forEach(column -> key.setField(column, whole.getField(column)));
                deletes.write(key);
            }
            return deletes.toDeleteFile();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aRowThatCameWithTheDeleteReplacesALaterOneThatIsGone() {
        Table facts = table();
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 10", "2 | 2024-01-01T00:00:00Z | 20");
        RefreshRuns runs = firstRun();
        facts.newRowDelta()
                .addDeletes(delete(facts, null, List.of("id"), "1 | null | null"))
                .addRows(TableFiles.write(facts, "1 | 2024-01-02T00:00:00Z | 11"))
                .commit();

        ViewOutcome view = incremental(runs, "11", "20");

        assertThat(view.getRowsReplaced()).isEqualTo(1);
        assertThat(view.getRowsLookedUp()).isZero();
    }

    @Test
    void looksUpIfTheDeleteComparesAnotherColumnToo() {
        Table facts = table();
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 10", "1 | 2024-01-01T00:00:00Z | 9");
        RefreshRuns runs = firstRun();
        facts.newRowDelta()
                .addDeletes(delete(facts, null, List.of("id", "event"), "1 | 2024-01-04T00:00:00Z | null"))
                .commit();

        assertThat(incremental(runs, "9", "null").getRowsLookedUp()).isEqualTo(1);
    }

    @Test
    void looksUpIfTheDeleteIsForOnePartition() {
        Schema schema = TableText.schema(LakeFixture.FACTS);
        Table facts = table(PartitionSpec.builderFor(schema).identity("value").build());
        DataFile hit = lake.append(facts, "1 | 2024-01-04T00:00:00Z | 10");
        lake.append(facts, "1 | 2024-01-01T00:00:00Z | 9");
        RefreshRuns runs = firstRun();
        facts.newRowDelta()
                .addDeletes(delete(facts, hit.partition(), List.of("id"), "1 | null | null"))
                .commit();

        assertThat(incremental(runs, "9", "null").getRowsLookedUp()).isEqualTo(1);
    }

    @Test
    void looksUpIfAFileThatStaysIsLaterThanTheDelete() {
        Table facts = table();
        lake.append(facts, "1 | 2024-01-01T00:00:00Z | 10");
        DeleteFile delete = delete(facts, null, List.of("id"), "1 | null | null");
        facts.newRowDelta().addDeletes(delete).commit();
        lake.append(facts, "1 | 2024-01-04T00:00:00Z | 11");
        long deleted = facts.currentSnapshot().snapshotId();
        facts.newRowDelta().removeDeletes(delete).commit();
        RefreshRuns runs = firstRun();
        facts.manageSnapshots().rollbackTo(deleted).commit();

        assertThat(incremental(runs, "11", "null").getRowsLookedUp()).isEqualTo(1);
    }
}
