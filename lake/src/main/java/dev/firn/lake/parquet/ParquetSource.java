package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// A Parquet file of any writer (pandas, pyarrow, Spark, DuckDB, Trino …), read in row order. Field ids in the file are
/// ignored. Not thread-safe.
///
/// Throws `SPINE_NOT_FOUND`, `SPINE_UNREADABLE` and `SPINE_CHANGED` with the file's coordinates, or what the store
/// throws: see [dev.firn.lake.storage.StoreInput].
public final class ParquetSource implements AutoCloseable {
    private static final long BATCH_BYTES = 16L << 20;
    private static final int MIN_BATCH_ROWS = 1 << 8;

    private final ParquetFile file;
    private final FileSchema columns;
    private final Schema schema;
    private final LongAdder bytesRead;
    private final ReadBuffers buffers = new ReadBuffers();
    private final List<Batches> started = new ArrayList<>();

    private ParquetSource(ParquetFile file, FileSchema columns, Schema schema, LongAdder bytesRead) {
        this.file = file;
        this.columns = columns;
        this.schema = schema;
        this.bytesRead = bytesRead;
    }

    public static ParquetSource open(InputFile input) {
        return open(input, names -> names);
    }

    /// Other columns than those that are kept may have any type.
    ///
    /// @param keep from the names of all columns to those of the ones that are needed
    public static ParquetSource open(InputFile input, UnaryOperator<List<String>> keep) {
        LongAdder bytesRead = new LongAdder();
        ParquetFile file = null;
        try {
            file = ParquetFile.open(input, bytesRead);
            return source(file, keep, bytesRead);
        } catch (RuntimeException e) {
            if (file != null) {
                file.close();
            }
            throw fault(input.location(), e);
        }
    }

    private static ParquetSource source(ParquetFile file, UnaryOperator<List<String>> keep, LongAdder bytesRead) {
        try {
            MessageType withIds = ForeignSchema.withIds(file.schema());
            return new ParquetSource(
                    file, FileSchema.ofIds(withIds), ForeignSchema.schema(withIds, keep.apply(names(file))), bytesRead);
        } catch (UnreadableColumnException | ValidationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw CorruptParquetException.ofLibrary("unreadable schema", e);
        }
    }

    /// The names of all the file's columns, those that are not kept included.
    public List<String> names() {
        return names(file);
    }

    private static List<String> names(ParquetFile file) {
        return file.schema().getFields().stream().map(Type::getName).toList();
    }

    /// The columns that are kept as Iceberg types. Field ids are assigned in file order and mean nothing outside this
    /// file.
    public Schema schema() {
        return schema;
    }

    public String location() {
        return file.location();
    }

    public long rows() {
        return file.rows();
    }

    /// Bytes fetched so far.
    public long bytesRead() {
        return bytesRead.sum();
    }

    /// The named columns in this order, at most `rows` rows at a time. Each call starts at the first row.
    public Iterator<List<Column>> batches(List<String> names, int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("batches need at least 1 row, got %d".formatted(rows));
        }
        List<FileColumn> bound = new ArrayList<>();
        for (String name : names) {
            NestedField field = schema.columns().stream()
                    .filter(column -> column.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("%s has no column %s".formatted(location(), name)));
            bound.add(columns.find(field).orElseThrow());
        }
        Batches batches = new Batches(bound, rows);
        started.add(batches);
        return batches;
    }

    /// What a request is answered with if reading a file outside tables fails.
    ///
    /// @param where the file, and the row group if there is one
    public static RuntimeException fault(String where, RuntimeException fault) {
        Optional<RuntimeException> ofTheStore = LakeFaults.ofSpineFile(where, fault);
        if (ofTheStore.isPresent()) {
            return ofTheStore.get();
        }
        return fault instanceof CorruptParquetException
                        || fault instanceof UnreadableColumnException
                        || fault instanceof ValidationException
                        || LakeFaults.isOfTheBytes(fault)
                ? new LakeRejection(
                        LakeCode.SPINE_UNREADABLE, "[%s] %s".formatted(where, Reason.of(fault)), null, fault)
                : fault;
    }

    @Override
    public void close() {
        started.forEach(Batches::closeRowGroup);
        file.close();
        buffers.close();
    }

    private final class Batches implements Iterator<List<Column>> {
        private final List<FileColumn> bound;
        private final int maxRows;
        private List<ColumnCursor> cursors = List.of();
        private @Nullable ParquetFile openFile;
        private int rowGroup = -1;
        private long remainingRows;
        private int batchRows;

        Batches(List<FileColumn> bound, int maxRows) {
            this.bound = bound;
            this.maxRows = maxRows;
        }

        @Override
        public boolean hasNext() {
            while (remainingRows == 0) {
                closeRowGroup();
                if (rowGroup + 1 >= file.rowGroups().size()) {
                    return false;
                }
                rowGroup++;
                remainingRows = file.rowGroups().get(rowGroup).getRowCount();
            }
            return true;
        }

        @Override
        public List<Column> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                if (openFile == null) {
                    ParquetFile own = file.reopen();
                    openFile = own;
                    cursors = bound.stream()
                            .map(column -> own.cursor(rowGroup, column, buffers))
                            .toList();
                    batchRows = batchRows(cursors);
                }
                int rows = (int) Math.min(remainingRows, batchRows);
                List<Column> batch = new ArrayList<>();
                for (ColumnCursor cursor : cursors) {
                    cursor.read(rows);
                    batch.add(cursor.take());
                }
                remainingRows -= rows;
                if (remainingRows == 0) {
                    closeRowGroup();
                }
                return batch;
            } catch (RuntimeException e) {
                closeRowGroup();
                throw fault("%s row group %d".formatted(location(), rowGroup), e);
            }
        }

        /// Fewer rows if they are wide, because a batch must fit in memory before the caller can split it.
        private int batchRows(List<ColumnCursor> of) {
            long perRow = ColumnChunks.bytesPerRow(file.rowGroups().get(rowGroup), bound);
            long shared =
                    of.stream().mapToLong(ColumnCursor::maxSharedValueBytes).sum();
            int rows = Math.min(maxRows, Math.clamp(BATCH_BYTES / perRow, MIN_BATCH_ROWS, Integer.MAX_VALUE));
            return Math.clamp(BATCH_BYTES / Math.max(1, shared), 1, rows);
        }

        private void closeRowGroup() {
            cursors.forEach(ColumnCursor::close);
            if (openFile != null) {
                openFile.close();
                openFile = null;
            }
            cursors = List.of();
        }
    }
}
