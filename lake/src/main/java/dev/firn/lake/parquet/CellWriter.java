package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import java.math.BigInteger;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.io.api.Binary;

/// Writes one column's value of a row.
interface CellWriter {
    void write(Column column, int row);

    static CellWriter of(Type type, ColumnDescriptor descriptor, ColumnWriteStore store) {
        ColumnWriter writer = store.getColumnWriter(descriptor);
        int level = descriptor.getMaxDefinitionLevel();
        CellWriter value =
                switch (type.typeId()) {
                    case BOOLEAN -> (column, row) -> writer.write(((BooleanColumn) column).values()[row], 0, level);
                    case INTEGER, DATE -> (column, row) -> writer.write(((IntColumn) column).values()[row], 0, level);
                    case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO ->
                        (column, row) -> writer.write(((LongColumn) column).values()[row], 0, level);
                    case FLOAT -> (column, row) -> writer.write(((FloatColumn) column).values()[row], 0, level);
                    case DOUBLE -> (column, row) -> writer.write(((DoubleColumn) column).values()[row], 0, level);
                    case STRING, BINARY, FIXED, UUID ->
                        (column, row) -> writer.write(binary((BytesColumn) column, row), 0, level);
                    case DECIMAL -> decimal(descriptor, writer, level);
                    case STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
                        throw new IllegalArgumentException("no flat column: " + type);
                };
        return (column, row) -> {
            if (!column.isNull(row)) {
                value.write(column, row);
            } else if (level == 0) {
                throw new IllegalArgumentException("null in required column " + String.join(".", descriptor.getPath()));
            } else {
                writer.writeNull(0, 0);
            }
        };
    }

    private static Binary binary(BytesColumn column, int row) {
        return Binary.fromReusedByteArray(column.data(), column.offsets()[row], column.length(row));
    }

    private static CellWriter decimal(ColumnDescriptor descriptor, ColumnWriter writer, int level) {
        return switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 ->
                (column, row) ->
                        writer.write(new BigInteger(((BytesColumn) column).bytes(row)).intValueExact(), 0, level);
            case INT64 ->
                (column, row) ->
                        writer.write(new BigInteger(((BytesColumn) column).bytes(row)).longValueExact(), 0, level);
            case FIXED_LEN_BYTE_ARRAY -> {
                int width = descriptor.getPrimitiveType().getTypeLength();
                yield (column, row) -> writer.write(padded((BytesColumn) column, row, width), 0, level);
            }
            case BOOLEAN, FLOAT, DOUBLE, INT96, BINARY ->
                throw new IllegalArgumentException("no decimal: " + descriptor.getPrimitiveType());
        };
    }

    /// Sign-extended to the column's width.
    private static Binary padded(BytesColumn column, int row, int width) {
        int length = column.length(row);
        if (length > width || length == 0) {
            throw new IllegalArgumentException("a decimal of %d bytes in %d".formatted(length, width));
        }
        int from = column.offsets()[row];
        byte[] value = new byte[width];
        if (column.data()[from] < 0) {
            java.util.Arrays.fill(value, 0, width - length, (byte) -1);
        }
        System.arraycopy(column.data(), from, value, width - length, length);
        return Binary.fromConstantByteArray(value);
    }
}
