package dev.firn.benchmarks;

import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/// The speed of a store: fetches the join columns of a table as Firn does before it decodes them, or by plain range
/// GETs of the same bytes. Does nothing with the data.
final class StorePeer {
    /// Concurrent chunks per core: as many as a scan has readers for a store.
    private static final int READERS_PER_THREAD = 2;

    private StorePeer() {}

    /// A column chunk of a file.
    private record Chunk(ParquetFile file, int rowGroup, FileColumn.Leaf column, String location) {
        long start() {
            return meta().getStartingPos();
        }

        int length() {
            return Math.toIntExact(meta().getTotalSize());
        }

        private ColumnChunkMetaData meta() {
            return ColumnChunks.of(
                    file.rowGroups().get(rowGroup), column.descriptor().getPath());
        }
    }

    static void fetch(GeneratedFiles data, Scenario scenario, int runs, int threads) {
        try (BenchTables lake = BenchTables.of(data, scenario);
                FileIO io = lake.io()) {
            List<Chunk> chunks = chunks(lake.table(scenario.table()), scenario, io);
            RunLoop.repeatJava(
                    runs,
                    () -> inParallel(threads * READERS_PER_THREAD, chunks, chunk -> {
                        try (ParquetFile own = chunk.file().reopen()) {
                            return own.fetch(chunk.rowGroup(), chunk.column());
                        }
                    }));
        }
    }

    static void get(GeneratedFiles data, Scenario scenario, int runs, int threads) {
        try (BenchTables lake = BenchTables.of(data, scenario);
                FileIO io = lake.io()) {
            List<Chunk> chunks = chunks(lake.table(scenario.table()), scenario, io);
            RunLoop.repeatJava(
                    runs,
                    () -> inParallel(threads * READERS_PER_THREAD, chunks, chunk -> {
                        try (SeekableInputStream in =
                                io.newInputFile(chunk.location()).newStream()) {
                            ((RangeReadable) in).readFully(chunk.start(), new byte[chunk.length()]);
                            return chunk.length();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }));
        }
    }

    private interface Fetch {
        long bytes(Chunk chunk);
    }

    private static long inParallel(int threads, List<Chunk> chunks, Fetch fetch) {
        LongAdder bytes = new LongAdder();
        try (ColumnTasks tasks = new ColumnTasks(threads)) {
            tasks.run(chunks.size(), c -> bytes.add(fetch.bytes(chunks.get(c))));
        }
        return bytes.sum();
    }

    private static List<Chunk> chunks(Table table, Scenario scenario, FileIO io) {
        List<String> names = new ArrayList<>(scenario.table().keyNames());
        names.add(TableSpec.TIME);
        List<Chunk> chunks = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                ParquetFile parquet = ParquetFile.open(io.newInputFile(file), new LongAdder());
                FileSchema columns = FileSchema.of(parquet, Optional.empty()).orElseThrow();
                for (int group = 0; group < parquet.rowGroups().size(); group++) {
                    for (String name : names) {
                        FileColumn column =
                                columns.find(table.schema().findField(name)).orElseThrow();
                        chunks.add(new Chunk(parquet, group, (FileColumn.Leaf) column, file.location()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return chunks;
    }
}
