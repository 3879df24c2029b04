package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.ObjectColumn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;

/// Converts columns to the values of Iceberg's generic records and back, for comparison in tests.
public final class ColumnValues {
    private ColumnValues() {}

    public static @Nullable Object value(Type type, Column column, int row) {
        if (column.isNull(row)) {
            return null;
        }
        Object internal =
                switch (column) {
                    case BooleanColumn of -> of.values()[row];
                    case IntColumn of -> of.values()[row];
                    case LongColumn of -> of.values()[row];
                    case FloatColumn of -> of.values()[row];
                    case DoubleColumn of -> of.values()[row];
                    case ObjectColumn of -> of.values()[row];
                    case DictionaryColumn of -> Objects.requireNonNull(value(type, of.expanded(), row));
                    case BytesColumn of ->
                        switch (type) {
                            case Types.StringType _ -> of.string(row);
                            case Types.DecimalType decimal ->
                                new BigDecimal(new BigInteger(of.bytes(row)), decimal.scale());
                            case Types.UUIDType _ -> {
                                ByteBuffer bytes = ByteBuffer.wrap(of.bytes(row));
                                yield new UUID(bytes.getLong(), bytes.getLong());
                            }
                            default -> ByteBuffer.wrap(of.bytes(row));
                        };
                };
        if (type instanceof Types.TimestampNanoType nanos) {
            LocalDateTime at = DateTimeUtil.timestampFromNanos((long) internal);
            return nanos.shouldAdjustToUTC() ? at.atOffset(ZoneOffset.UTC) : at;
        }
        return type.isPrimitiveType() && !(internal instanceof ByteBuffer) && !(internal instanceof UUID)
                ? IdentityPartitionConverters.convertConstant(type, internal)
                : internal;
    }

    /// Bytes as hex; anything else as text.
    public static String hexOrText(@Nullable Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return HexFormat.of().formatHex(bytes);
        }
        return String.valueOf(value);
    }

    /// A column of internal values (numbers, strings, byte arrays, big decimals, uuids, generic objects).
    public static Column column(Type type, List<? extends @Nullable Object> values) {
        List<Column> parts =
                values.stream().map(value -> ConstantColumns.of(type, value, 1)).toList();
        return parts.isEmpty() ? ConstantColumns.of(type, null, 0) : ColumnParts.concatenated(parts);
    }
}
