package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ParquetSource;
import dev.firn.lake.scratch.Scratch;
import dev.firn.lake.scratch.ScratchFile;
import dev.firn.retrieval.spine.Columns;
import dev.firn.retrieval.spine.RowChunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Merges the sorted keys of several passes into one sorted sequence. A single run stays in memory. Of several runs
/// each goes to a temporary file, so that only a batch of each is in memory while they are merged. Runs are disjoint.
/// For one thread.
final class SortedRuns implements AutoCloseable {
    private static final int BATCH_ROWS = 8_192;

    private final List<KeyOrder> orders;
    private final Schema schema;
    private final List<ScratchFile> files = new ArrayList<>();
    private final List<SortedRun> runs = new ArrayList<>();
    private @Nullable PriorityQueue<SortedRun> heads;
    private long bytesInMemory;

    SortedRuns(List<Type> types, List<KeyOrder> orders) {
        this.orders = List.copyOf(orders);
        List<NestedField> fields = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            Type held = orders.get(k) == KeyOrder.LONG ? Types.LongType.get() : Types.BinaryType.get();
            fields.add(NestedField.optional(k + 1, "k" + k, held));
        }
        this.schema = new Schema(fields);
    }

    /// @param spill whether there are other runs
    void add(List<Column> sortedKeys, int size, boolean spill) {
        if (size == 0) {
            return;
        }
        if (!spill) {
            bytesInMemory += sortedKeys.stream().mapToLong(Columns::bytes).sum();
            runs.add(new SortedRun(batchesOf(sortedKeys, size), null));
            return;
        }
        ScratchFile file = Scratch.ofProcess().create();
        files.add(file);
        try (ColumnTasks alone = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(file.output(), schema, alone)) {
            result.write(sortedKeys, 0, size);
            result.finish();
        }
        ParquetSource source = ParquetSource.open(file.input());
        List<String> names = schema.columns().stream().map(NestedField::name).toList();
        runs.add(new SortedRun(source.batches(names, BATCH_ROWS), source));
    }

    /// Bytes of the run in memory, if there is one.
    long bytesInMemory() {
        return bytesInMemory;
    }

    private static Iterator<List<Column>> batchesOf(List<Column> columns, int size) {
        return IntStream.iterate(0, from -> from < size, from -> from + BATCH_ROWS)
                .mapToObj(from -> Columns.range(from, Math.min(size, from + BATCH_ROWS)))
                .map(range -> columns.stream().map(column -> column.take(range)).toList())
                .iterator();
    }

    /// The next keys in order; empty at the end.
    Optional<RowChunk> next(int rows) {
        PriorityQueue<SortedRun> merged = heads;
        if (merged == null) {
            merged = new PriorityQueue<>(Math.max(1, runs.size()), this::compare);
            for (SortedRun run : runs) {
                if (run.advance()) {
                    merged.add(run);
                }
            }
            heads = merged;
        }
        Merge merge = new Merge(rows);
        while (merge.size < rows && !merged.isEmpty()) {
            SortedRun least = merged.remove();
            merge.add(least);
            if (least.advance()) {
                merged.add(least);
            }
        }
        return merge.size == 0 ? Optional.empty() : Optional.of(merge.chunk());
    }

    /// Rows of several batches, in the order in which they were added. `places` are their positions in the
    /// concatenation of these batches, so each column is concatenated once, however finely the runs interleave.
    private final class Merge {
        private final List<List<Column>> batches = new ArrayList<>();
        private final IdentityHashMap<List<Column>, Integer> firstPlaces = new IdentityHashMap<>();
        private final int[] places;
        private int size;
        private int placesTaken;

        Merge(int capacity) {
            places = new int[capacity];
        }

        void add(SortedRun run) {
            Integer first = firstPlaces.get(run.batch);
            if (first == null) {
                first = placesTaken;
                firstPlaces.put(run.batch, first);
                batches.add(run.batch);
                placesTaken += run.size;
            }
            places[size++] = first + run.row;
        }

        RowChunk chunk() {
            int[] taken = Arrays.copyOf(places, size);
            List<Column> columns = new ArrayList<>();
            for (int c = 0; c < schema.columns().size(); c++) {
                int column = c;
                columns.add(ColumnParts.concatenated(
                                batches.stream().map(batch -> batch.get(column)).toList())
                        .take(taken));
            }
            return new RowChunk(columns, size);
        }
    }

    private int compare(SortedRun one, SortedRun other) {
        return one.compareRow(one.row, other);
    }

    @Override
    public void close() {
        runs.forEach(SortedRun::close);
        files.forEach(ScratchFile::close);
        files.clear();
    }

    private final class SortedRun {
        private final Iterator<List<Column>> batches;
        private final @Nullable ParquetSource source;
        private List<Column> batch = List.of();
        private int size;
        private int row = -1;

        SortedRun(Iterator<List<Column>> batches, @Nullable ParquetSource source) {
            this.batches = batches;
            this.source = source;
        }

        boolean advance() {
            row++;
            while (row >= size) {
                if (!batches.hasNext()) {
                    return false;
                }
                batch = batches.next();
                // without columns there is one key
                size = batch.isEmpty() ? 1 : batch.getFirst().size();
                row = 0;
            }
            return true;
        }

        int compareRow(int mine, SortedRun other) {
            for (int k = 0; k < orders.size(); k++) {
                int compared = orders.get(k).compare(batch.get(k), mine, other.batch.get(k), other.row);
                if (compared != 0) {
                    return compared;
                }
            }
            return 0;
        }

        void close() {
            if (source != null) {
                source.close();
            }
        }
    }
}
