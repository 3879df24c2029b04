package dev.firn.lake.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.statistics.BinaryStatistics;
import org.apache.parquet.column.statistics.BooleanStatistics;
import org.apache.parquet.column.statistics.IntStatistics;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// The min and max value of a column chunk or page as its writer stored them, in the column's type: the min may be
/// above the max. parquet-hadoop drops those of writers with a wrong sort order, INT96 is ignored, and floating-point
/// columns have none.
public sealed interface StoredBounds {
    /// Integers, dates, times, timestamps, booleans as 0 and 1.
    record Longs(long min, long max) implements StoredBounds {}

    /// Byte strings in unsigned order, or decimals as two's complement.
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Bytes(byte[] min, byte[] max) implements StoredBounds {}

    static Optional<StoredBounds> of(ColumnChunkMetaData chunk, FileColumn.Leaf leaf) {
        Statistics<?> statistics = chunk.getStatistics();
        if (statistics == null
                || statistics.isEmpty()
                || !statistics.hasNonNullValue()
                || chunk.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            return Optional.empty();
        }
        Type.TypeID type = leaf.field().type().typeId();
        return switch (statistics) {
            case BooleanStatistics of -> Optional.of(new Longs(of.genericGetMin() ? 1 : 0, of.genericGetMax() ? 1 : 0));
            case IntStatistics of -> longs(of.getMin(), of.getMax(), type, leaf.conversion());
            case LongStatistics of -> longs(of.getMin(), of.getMax(), type, leaf.conversion());
            case BinaryStatistics of ->
                bytes(of.genericGetMin().getBytes(), of.genericGetMax().getBytes(), type);
            default -> Optional.empty();
        };
    }

    /// Decodes bounds of a column index, which are PLAIN-encoded, byte arrays without a length.
    static Optional<StoredBounds> ofEncoded(ByteBuffer min, ByteBuffer max, FileColumn.Leaf leaf) {
        ByteBuffer low = min.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer high = max.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        Type.TypeID type = leaf.field().type().typeId();
        PrimitiveTypeName physical = leaf.descriptor().getPrimitiveType().getPrimitiveTypeName();
        int width =
                switch (physical) {
                    case BOOLEAN -> 1;
                    case INT32 -> Integer.BYTES;
                    case INT64 -> Long.BYTES;
                    case FIXED_LEN_BYTE_ARRAY ->
                        type == Type.TypeID.DECIMAL
                                ? leaf.descriptor().getPrimitiveType().getTypeLength()
                                : 0;
                    case BINARY -> 0;
                    case INT96, FLOAT, DOUBLE -> Integer.MAX_VALUE;
                };
        if (width > 0 && (low.remaining() != width || high.remaining() != width)) {
            return Optional.empty();
        }
        return switch (physical) {
            case BOOLEAN -> Optional.of(new Longs(low.get() == 0 ? 0 : 1, high.get() == 0 ? 0 : 1));
            case INT32 -> longs(low.getInt(), high.getInt(), type, leaf.conversion());
            case INT64 -> longs(low.getLong(), high.getLong(), type, leaf.conversion());
            case BINARY, FIXED_LEN_BYTE_ARRAY -> bytes(array(low), array(high), type);
            case INT96, FLOAT, DOUBLE -> Optional.empty();
        };
    }

    private static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    private static Optional<StoredBounds> longs(long min, long max, Type.TypeID type, Conversion conversion) {
        if (conversion == Conversion.INT_TO_DECIMAL || conversion == Conversion.LONG_TO_DECIMAL) {
            return Optional.of(new Bytes(decimal(min), decimal(max)));
        }
        Long low = conversion.convertBound(min);
        Long high = conversion.convertBound(max);
        return type == Type.TypeID.DECIMAL || low == null || high == null
                ? Optional.empty()
                : Optional.of(new Longs(low, high));
    }

    private static byte[] decimal(long unscaled) {
        return java.math.BigInteger.valueOf(unscaled).toByteArray();
    }

    private static Optional<StoredBounds> bytes(byte[] min, byte[] max, Type.TypeID type) {
        return switch (type) {
            case STRING, BINARY, FIXED, UUID, DECIMAL -> Optional.of(new Bytes(min, max));
            default -> Optional.empty();
        };
    }
}
