package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ParquetSource;
import dev.firn.retrieval.spine.Columns;
import dev.firn.retrieval.spine.RowChunk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Sorted keys of several passes as one sorted sequence. One run is kept in memory; of several each goes to a
/// file in the temporary folder, so that no more than a batch of each is held while they are merged. Runs are
/// disjoint. For one thread.
final class SortedRuns implements AutoCloseable {
    private static final int BATCH_ROWS = 8_192;

    private final List<KeyOrder> orders;
    private final Schema schema;
    private final List<Path> files = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private @Nullable PriorityQueue<Run> heads;

    SortedRuns(List<Type> types, List<KeyOrder> orders) {
        this.orders = List.copyOf(orders);
        List<NestedField> fields = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            Type held = orders.get(k) == KeyOrder.LONG ? Types.LongType.get() : Types.BinaryType.get();
            fields.add(NestedField.optional(k + 1, "k" + k, held));
        }
        this.schema = new Schema(fields);
    }

    /// @param spill whether other runs follow or came before
    void add(List<Column> sortedKeys, int size, boolean spill) {
        if (size == 0) {
            return;
        }
        if (!spill) {
            runs.add(new Run(Collections.singletonList(sortedKeys).iterator(), null));
            return;
        }
        try {
            Path file = Files.createTempFile("firn-entities-", ".parquet");
            files.add(file);
            Files.delete(file);
            try (ColumnTasks alone = new ColumnTasks(1);
                    ParquetResult result =
                            ParquetResult.create(org.apache.iceberg.Files.localOutput(file.toFile()), schema, alone)) {
                result.write(sortedKeys, 0, size);
                result.finish();
            }
            ParquetSource source = ParquetSource.open(org.apache.iceberg.Files.localInput(file.toFile()));
            List<String> names =
                    schema.columns().stream().map(NestedField::name).toList();
            runs.add(new Run(source.batches(names, BATCH_ROWS), source));
        } catch (IOException e) {
            throw new UncheckedIOException("entities could not be kept in the temporary folder", e);
        }
    }

    /// The next keys, in order.
    Optional<RowChunk> next(int rows) {
        PriorityQueue<Run> merged = heads;
        if (merged == null) {
            merged = new PriorityQueue<>(Math.max(1, runs.size()), this::compare);
            for (Run run : runs) {
                if (run.advance()) {
                    merged.add(run);
                }
            }
            heads = merged;
        }
        List<RowChunk> pieces = new ArrayList<>();
        int taken = 0;
        while (taken < rows && !merged.isEmpty()) {
            Run least = merged.remove();
            int from = least.row;
            int limit = Math.min(least.size, from + rows - taken);
            Run next = merged.peek();
            int to = from + 1;
            while (to < limit && (next == null || least.compareRow(to, next) < 0)) {
                to++;
            }
            int[] range = Columns.range(from, to);
            pieces.add(new RowChunk(
                    least.batch.stream().map(column -> column.take(range)).toList(), to - from));
            taken += to - from;
            least.row = to - 1;
            if (least.advance()) {
                merged.add(least);
            }
        }
        return pieces.isEmpty() ? Optional.empty() : Optional.of(RowChunk.concat(pieces));
    }

    private int compare(Run one, Run other) {
        return one.compareRow(one.row, other);
    }

    @Override
    public void close() {
        runs.forEach(Run::close);
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException("[" + file + "] could not be deleted", e);
            }
        }
    }

    private final class Run {
        private final Iterator<List<Column>> batches;
        private final @Nullable ParquetSource source;
        private List<Column> batch = List.of();
        private int size;
        private int row = -1;

        Run(Iterator<List<Column>> batches, @Nullable ParquetSource source) {
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
                size = batch.getFirst().size();
                row = 0;
            }
            return true;
        }

        int compareRow(int mine, Run other) {
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
