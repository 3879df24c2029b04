package dev.firn.lake.parquet;

import com.github.luben.zstd.Zstd;
import dev.firn.engine.Column;
import dev.firn.engine.ObjectColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// Writes columns to one Parquet file: zstd, standard logical types, field ids. Not thread-safe. Rolling over to
/// another file is the caller's, see [#bytesSoFar]. IO faults are [UncheckedIOException] or the store's own.
public final class ParquetResult implements AutoCloseable {
    /// A row group ends at the first of these.
    private static final int ROW_GROUP_ROWS = 1 << 20;

    private static final long ROW_GROUP_BYTES = 64L << 20;
    private static final int SIZE_CHECK_ROWS = 1 << 12;
    private static final int PAGE_BYTES = 1 << 20;
    private static final int ZSTD_LEVEL = 3;
    private static final int COLUMN_INDEX_TRUNCATE_BYTES = 64;

    private final OutputFile file;
    private final DigestedOutput output;
    private final ParquetFileWriter writer;
    private final MessageType schema;
    private final List<NestedField> fields;
    private final ParquetProperties properties = ParquetProperties.builder()
            .withPageSize(PAGE_BYTES)
            .withAllocator(HeapByteBufferAllocator.getInstance())
            .build();
    private @Nullable RowGroup rowGroup;
    private int rowGroups;
    private long rows;
    private boolean finished;

    private ParquetResult(OutputFile file, Schema schema) throws IOException {
        this.file = file;
        this.output = new DigestedOutput(file);
        this.schema = ParquetSchemaUtil.convert(schema, "result");
        this.fields = schema.columns();
        this.writer = new ParquetFileWriter(
                output, this.schema, ParquetFileWriter.Mode.OVERWRITE, ROW_GROUP_BYTES, 0, null, properties);
        writer.start();
    }

    /// Creates the file, or overwrites it.
    public static ParquetResult create(OutputFile file, Schema schema) {
        try {
            return new ParquetResult(file, schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Rows `from` to `to` (exclusive) of columns in the schema's order.
    public void write(List<Column> columns, int from, int to) {
        if (columns.size() != fields.size()) {
            throw new IllegalArgumentException(
                    "%d columns for a schema of %d".formatted(columns.size(), fields.size()));
        }
        for (int row = from; row < to; ) {
            RowGroup group = rowGroup();
            int end = (int) Math.min(to, row + Math.min(SIZE_CHECK_ROWS, ROW_GROUP_ROWS - group.rows));
            group.write(columns, row, end);
            rows += end - row;
            row = end;
            if (group.rows >= ROW_GROUP_ROWS || group.columns.getBufferedSize() >= ROW_GROUP_BYTES) {
                flush();
            }
        }
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

    /// Bytes written and buffered: about what the file would have if it were finished now.
    public long bytesSoFar() {
        return output.bytes() + (rowGroup == null ? 0 : rowGroup.columns.getBufferedSize());
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

    /// Abandons the file unless it is finished; what is there of it is the caller's to delete.
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
        private final ColumnWriteStore columns;
        private final List<CellWriter> cells = new ArrayList<>();
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
            columns = properties.newColumnWriteStore(schema, pages, pages);
            for (int i = 0; i < fields.size(); i++) {
                cells.add(cellWriter(fields.get(i), schema.getType(i)));
            }
        }

        private CellWriter cellWriter(NestedField field, Type type) {
            if (field.type().isPrimitiveType()) {
                return CellWriter.of(field.type(), schema.getColumnDescription(new String[] {type.getName()}), columns);
            }
            Schema alone = new Schema(field);
            ParquetValueWriter<Record> nested =
                    GenericParquetWriter.create(alone, new MessageType(schema.getName(), type));
            nested.setColumnStore(columns);
            GenericRecord carrier = GenericRecord.create(alone);
            return (column, row) -> {
                carrier.set(0, column.isNull(row) ? null : ((ObjectColumn) column).values()[row]);
                nested.write(0, carrier);
            };
        }

        void write(List<Column> batch, int from, int to) {
            for (int row = from; row < to; row++) {
                for (int c = 0; c < cells.size(); c++) {
                    cells.get(c).write(batch.get(c), row);
                }
                columns.endRecord();
            }
            rows += to - from;
        }

        void flush() {
            try {
                writer.startBlock(rows);
                columns.flush();
                pages.flushToFileWriter(writer);
                writer.endBlock();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                close();
            }
        }

        void close() {
            columns.close();
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
