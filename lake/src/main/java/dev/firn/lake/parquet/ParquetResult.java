package dev.firn.lake.parquet;

import com.github.luben.zstd.Zstd;
import dev.firn.engine.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// Writes columns to one Parquet file: zstd, standard logical types, field ids. Encodes and compresses columns in
/// parallel. Not thread-safe. The caller rolls over to a new file, see [#bytesSoFar]. Throws [UncheckedIOException] or
/// the store's own exceptions.
public final class ParquetResult implements AutoCloseable {
    /// A row group ends at whichever limit it reaches first.
    private static final int ROW_GROUP_ROWS = 1 << 20;

    private static final long ROW_GROUP_BYTES = 64L << 20;
    /// Rows written between checks of the size: in the first step, and at most.
    private static final int FIRST_STEP_ROWS = 1 << 12;

    private static final int MAX_STEP_ROWS = 1 << 16;
    private static final int PAGE_BYTES = 1 << 20;
    private static final int ZSTD_LEVEL = 3;
    private static final int COLUMN_INDEX_TRUNCATE_BYTES = 64;

    private final OutputFile file;
    private final DigestedOutput output;
    private final ParquetFileWriter writer;
    private final MessageType schema;
    private final List<NestedField> fields;
    private final ColumnTasks tasks;
    private final ParquetProperties properties = ParquetProperties.builder()
            .withPageSize(PAGE_BYTES)
            .withAllocator(HeapByteBufferAllocator.getInstance())
            .build();
    private @Nullable RowGroup rowGroup;
    private int rowGroups;
    private long rows;
    private boolean finished;

    private ParquetResult(OutputFile file, Schema schema, ColumnTasks tasks) throws IOException {
        this.file = file;
        this.output = new DigestedOutput(file);
        this.schema = ResultSchema.of(schema);
        this.fields = schema.columns();
        this.tasks = tasks;
        this.writer = new ParquetFileWriter(
                output, this.schema, ParquetFileWriter.Mode.OVERWRITE, ROW_GROUP_BYTES, 0, null, properties);
        writer.start();
    }

    /// Creates the file, or overwrites it.
    public static ParquetResult create(OutputFile file, Schema schema, ColumnTasks tasks) {
        try {
            return new ParquetResult(file, schema, tasks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Writes rows `from` to `to` (exclusive) of columns in schema order.
    public void write(List<Column> columns, int from, int to) {
        if (columns.size() != fields.size()) {
            throw new IllegalArgumentException("expected %d columns, got %d".formatted(fields.size(), columns.size()));
        }
        write(columns::get, from, to);
    }

    /// Like [#write(List, int, int)], for columns that are created on the thread that writes them.
    ///
    /// @param columns returns the column with this index; may be called repeatedly, by one thread at a time
    public void write(IntFunction<Column> columns, int from, int to) {
        for (int row = from; row < to; ) {
            RowGroup group = rowGroup();
            int end = Math.min(to, row + group.room());
            group.write(columns, row, end);
            rows += end - row;
            row = end;
            if (group.room() == 0) {
                flush();
            }
        }
    }

    /// Ends the open row group; returns the number of row groups.
    int endRowGroup() {
        flush();
        return rowGroups;
    }

    private RowGroup rowGroup() {
        if (rowGroup == null) {
            rowGroup = new RowGroup();
        }
        return rowGroup;
    }

    public long rows() {
        return rows;
    }

    /// Bytes written and buffered: roughly the size of the file if it were finished now.
    public long bytesSoFar() {
        return output.bytes() + (rowGroup == null ? 0 : rowGroup.bufferedBytes());
    }

    /// Completes the file.
    public WrittenFile finish() {
        flush();
        try {
            writer.end(Map.of());
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        finished = true;
        return new WrittenFile(file.location(), rows, output.bytes(), output.hexDigest());
    }

    private void flush() {
        RowGroup group = rowGroup;
        if (group != null) {
            group.flush();
            rowGroup = null;
            rowGroups++;
        }
    }

    /// Abandons the file unless it is finished; the caller deletes what was written.
    @Override
    public void close() {
        if (!finished) {
            finished = true;
            try {
                if (rowGroup != null) {
                    rowGroup.close();
                }
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class RowGroup {
        private final ColumnChunkPageWriteStore pages;
        private final List<ColumnOutput> columns = new ArrayList<>();
        private long rows;

        RowGroup() {
            pages = ColumnChunkPageWriteStore.builder()
                    .withCompressorProvider(column -> new ZstdCompressor())
                    .withSchema(schema)
                    .withAllocator(HeapByteBufferAllocator.getInstance())
                    .withColumnIndexTruncateLength(COLUMN_INDEX_TRUNCATE_BYTES)
                    .withPageWriteChecksumEnabled(true)
                    .withRowGroupOrdinal(rowGroups)
                    .build();
            for (int i = 0; i < fields.size(); i++) {
                columns.add(new ColumnOutput(
                        fields.get(i), new MessageType(schema.getName(), schema.getType(i)), properties, pages));
            }
        }

        /// Rows to write before the next check of the size; 0 if the row group is full.
        int room() {
            if (rows == 0) {
                return FIRST_STEP_ROWS;
            }
            long buffered = bufferedBytes();
            if (rows >= ROW_GROUP_ROWS || buffered >= ROW_GROUP_BYTES) {
                return 0;
            }
            long untilFull = (ROW_GROUP_BYTES - buffered) / Math.max(1, buffered / rows) + 1;
            return (int) Math.min(Math.min(MAX_STEP_ROWS, untilFull), ROW_GROUP_ROWS - rows);
        }

        long bufferedBytes() {
            long bytes = 0;
            for (ColumnOutput column : columns) {
                bytes += column.bufferedBytes();
            }
            return bytes;
        }

        void write(IntFunction<Column> batch, int from, int to) {
            tasks.run(columns.size(), c -> columns.get(c).write(batch.apply(c), from, to));
            rows += to - from;
        }

        void flush() {
            try {
                writer.startBlock(rows);
                tasks.run(columns.size(), c -> columns.get(c).flush());
                pages.flushToFileWriter(writer);
                writer.endBlock();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                close();
            }
        }

        void close() {
            columns.forEach(ColumnOutput::close);
            pages.close();
        }
    }

    /// One-shot zstd.
    private static final class ZstdCompressor implements BytesInputCompressor {
        @Override
        public BytesInput compress(BytesInput bytes) throws IOException {
            return BytesInput.from(Zstd.compress(bytes.toInputStream().readAllBytes(), ZSTD_LEVEL));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {}
    }
}
