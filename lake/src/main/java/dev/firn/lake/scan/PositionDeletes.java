package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ReadBuffers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.types.Types.NestedField;

/// The positions in a Parquet position delete file, by data file. `s3://`, `s3a://` and `s3n://` refer to the same
/// file. Immutable once read.
final class PositionDeletes {
    private final Map<String, Positions> byPath = new HashMap<>();

    /// Takes the positions of one data file.
    private interface Target {
        void add(long position);

        void add(long[] positions, int count);
    }

    /// The positions of one data file, in the order they were read.
    private static final class Positions implements Target {
        private long[] values = new long[16];
        private int size;

        @Override
        public void add(long position) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = position;
        }

        @Override
        public void add(long[] positions, int count) {
            if (size + count > values.length) {
                values = Arrays.copyOf(values, Math.max(size + count, size + (size >> 1)));
            }
            System.arraycopy(positions, 0, values, size, count);
            size += count;
        }
    }

    /// Passes the positions on, and holds none.
    private record Passed(LongConsumer sink) implements Target {
        @Override
        public void add(long position) {
            sink.accept(position);
        }

        @Override
        public void add(long[] positions, int count) {
            for (int i = 0; i < count; i++) {
                sink.accept(positions[i]);
            }
        }
    }

    private static final Positions NONE = new Positions();

    /// What reads of delete files have in common.
    record Reads(LongAdder bytes, BooleanSupplier cancelled) {}

    /// @param wanted selects data files by path without scheme
    static PositionDeletes read(PinnedTable table, DeleteFile delete, Predicate<String> wanted, Reads reads) {
        PositionDeletes deletes = new PositionDeletes();
        readInto(
                table,
                delete,
                path -> wanted.test(path) ? deletes.byPath.computeIfAbsent(path, key -> new Positions()) : NONE,
                reads);
        return deletes;
    }

    /// Passes on the positions of one data file as they are read, and holds none of them: there may be as many as the
    /// file has rows.
    ///
    /// @param path of the data file, without scheme
    static void forEach(PinnedTable table, DeleteFile delete, String path, LongConsumer sink, Reads reads) {
        Target passed = new Passed(sink);
        readInto(table, delete, other -> other.equals(path) ? passed : NONE, reads);
    }

    private static void readInto(PinnedTable table, DeleteFile delete, Function<String, Target> targets, Reads reads) {
        Reading reading = new Reading(targets, reads.cancelled);
        DeleteFileReader file = DeleteFileReader.open(table, delete, reads.bytes);
        try (ReadBuffers buffers = new ReadBuffers()) {
            Optional<byte[]> onlyPath = file.onlyValue(MetadataColumns.DELETE_FILE_PATH, buffers);
            onlyPath.ifPresent(reading::enter);
            if (onlyPath.isPresent() && reading.current == NONE) {
                return;
            }
            List<NestedField> fields = onlyPath.isPresent()
                    ? List.of(MetadataColumns.DELETE_FILE_POS)
                    : List.of(MetadataColumns.DELETE_FILE_POS, MetadataColumns.DELETE_FILE_PATH);
            file.rowGroups(fields, reading).forEach(rowGroup -> rowGroup.accept(buffers));
        }
    }

    /// Passes on the positions of a data file as they are written: they may repeat and may be in no file.
    ///
    /// @param path of the data file, without scheme
    void forEach(String path, LongConsumer sink) {
        Positions positions = byPath.getOrDefault(path, NONE);
        for (int i = 0; i < positions.size; i++) {
            sink.accept(positions.values[i]);
        }
    }

    /// Rows are grouped by path, so each path is looked up once per group.
    private static final class Reading implements DeleteFileReader.Sink {
        private final Function<String, Target> targets;
        private final BooleanSupplier cancelled;
        private byte[] path = new byte[0];
        private Target current = NONE;

        Reading(Function<String, Target> targets, BooleanSupplier cancelled) {
            this.targets = targets;
            this.cancelled = cancelled;
        }

        @Override
        public void accept(List<Column> columns, int size) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("the loading of deletes was cancelled");
            }
            long[] positions = ((LongColumn) columns.getFirst()).values();
            if (columns.size() == 1) {
                current.add(positions, size);
                return;
            }
            BytesColumn paths = (BytesColumn) columns.getLast();
            for (int i = 0; i < size; i++) {
                int from = paths.offsets()[i];
                int to = paths.offsets()[i + 1];
                if (!Arrays.equals(paths.data(), from, to, path, 0, path.length)) {
                    enter(Arrays.copyOfRange(paths.data(), from, to));
                }
                if (current != NONE) {
                    current.add(positions[i]);
                }
            }
        }

        private void enter(byte[] next) {
            path = next;
            current = targets.apply(ScanPlanner.withoutScheme(new String(next, StandardCharsets.UTF_8)));
        }
    }
}
