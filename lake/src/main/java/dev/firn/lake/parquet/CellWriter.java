package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.math.BigInteger;
import java.util.Arrays;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.io.api.Binary;

/// Writes rows of one primitive column. Each kind of column has its own loop: if a result has columns of many kinds the
/// JVM cannot inline a call per value, and the call takes longer than the value.
final class CellWriter {
    private final ColumnDescriptor descriptor;
    private final ColumnWriteStore store;
    private final ColumnWriter writer;
    private final int level;
    private final boolean isDecimal;

    CellWriter(Type type, ColumnDescriptor descriptor, ColumnWriteStore store) {
        if (type.isNestedType()) {
            throw new IllegalArgumentException("expected a primitive column, got " + type);
        }
        this.descriptor = descriptor;
        this.store = store;
        this.writer = store.getColumnWriter(descriptor);
        this.level = descriptor.getMaxDefinitionLevel();
        this.isDecimal = type.typeId() == Type.TypeID.DECIMAL;
    }

    /// Rows `from` to `to`, exclusive.
    void write(Column column, int from, int to) {
        Nulls nulls = column.nulls();
        switch (column) {
            case BooleanColumn booleans -> write(booleans.values(), nulls, from, to);
            case IntColumn ints -> write(ints.values(), nulls, from, to);
            case LongColumn longs -> write(longs.values(), nulls, from, to);
            case FloatColumn floats -> write(floats.values(), nulls, from, to);
            case DoubleColumn doubles -> write(doubles.values(), nulls, from, to);
            case BytesColumn bytes -> write(bytes, nulls, from, to);
            case DictionaryColumn _, ObjectColumn _ ->
                throw new IllegalArgumentException(
                        "expected a primitive column, got " + column.getClass().getSimpleName());
        }
    }

    private void write(boolean[] values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                writer.write(values[row], 0, level);
            }
            store.endRecord();
        }
    }

    private void write(int[] values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                writer.write(values[row], 0, level);
            }
            store.endRecord();
        }
    }

    private void write(long[] values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                writer.write(values[row], 0, level);
            }
            store.endRecord();
        }
    }

    private void write(float[] values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                writer.write(values[row], 0, level);
            }
            store.endRecord();
        }
    }

    private void write(double[] values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                writer.write(values[row], 0, level);
            }
            store.endRecord();
        }
    }

    private void write(BytesColumn values, Nulls nulls, int from, int to) {
        for (int row = from; row < to; row++) {
            if (isPresent(nulls, row)) {
                if (isDecimal) {
                    writeDecimal(values, row);
                } else {
                    writer.write(binary(values, row), 0, level);
                }
            }
            store.endRecord();
        }
    }

    /// Writes the null if there is no value.
    private boolean isPresent(Nulls nulls, int row) {
        if (!nulls.isNull(row)) {
            return true;
        }
        if (level == 0) {
            throw new IllegalArgumentException("null in required column " + String.join(".", descriptor.getPath()));
        }
        writer.writeNull(0, 0);
        return false;
    }

    private static Binary binary(BytesColumn column, int row) {
        return Binary.fromReusedByteArray(column.data(), column.offsets()[row], column.length(row));
    }

    private void writeDecimal(BytesColumn column, int row) {
        switch (descriptor.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> writer.write(new BigInteger(column.bytes(row)).intValueExact(), 0, level);
            case INT64 -> writer.write(new BigInteger(column.bytes(row)).longValueExact(), 0, level);
            case FIXED_LEN_BYTE_ARRAY ->
                writer.write(padded(column, row, descriptor.getPrimitiveType().getTypeLength()), 0, level);
            case BOOLEAN, FLOAT, DOUBLE, INT96, BINARY ->
                throw new IllegalArgumentException("cannot write a decimal as " + descriptor.getPrimitiveType());
        }
    }

    /// Sign-extended to the column's width.
    private static Binary padded(BytesColumn column, int row, int width) {
        int length = column.length(row);
        if (length > width || length == 0) {
            throw new IllegalArgumentException("a decimal of %d bytes does not fit %d bytes".formatted(length, width));
        }
        int from = column.offsets()[row];
        byte[] value = new byte[width];
        if (column.data()[from] < 0) {
            Arrays.fill(value, 0, width - length, (byte) -1);
        }
        System.arraycopy(column.data(), from, value, width - length, length);
        return Binary.fromConstantByteArray(value);
    }
}
