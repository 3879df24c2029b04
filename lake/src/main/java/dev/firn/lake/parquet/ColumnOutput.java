package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.ObjectColumn;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.schema.MessageType;

/// Encodes one top-level column of a row group. It has its own write store, so that columns can be encoded on separate
/// threads.
final class ColumnOutput implements AutoCloseable {
    private final ColumnWriteStore store;
    private final RowWriter rows;

    /// Writes rows `from` to `to`, exclusive.
    private interface RowWriter {
        void write(Column column, int from, int to);
    }

    /// @param alone a schema of this column only
    ColumnOutput(NestedField field, MessageType alone, ParquetProperties properties, ColumnChunkPageWriteStore pages) {
        store = properties.newColumnWriteStore(alone, pages, pages);
        rows = field.type().isPrimitiveType()
                ? new CellWriter(field.type(), alone.getColumns().getFirst(), store)::write
                : nested(new Schema(field), alone);
    }

    private RowWriter nested(Schema schema, MessageType alone) {
        ParquetValueWriter<Record> writer = GenericParquetWriter.create(schema, alone);
        writer.setColumnStore(store);
        GenericRecord carrier = GenericRecord.create(schema);
        return (column, from, to) -> {
            for (int row = from; row < to; row++) {
                carrier.set(0, column.isNull(row) ? null : ((ObjectColumn) column).values()[row]);
                writer.write(0, carrier);
                store.endRecord();
            }
        };
    }

    void write(Column column, int from, int to) {
        rows.write(column, from, to);
    }

    long bufferedBytes() {
        return store.getBufferedSize();
    }

    void flush() {
        store.flush();
    }

    @Override
    public void close() {
        store.close();
    }
}
