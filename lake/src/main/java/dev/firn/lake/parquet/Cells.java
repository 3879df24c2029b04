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
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Single values of columns as types of the JDK, without loss.
public final class Cells {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Cells() {}

    /// The value in a row, or null. Binary values are hexadecimal text.
    public static @Nullable Object value(Type type, Column column, int row) {
        if (column.isNull(row)) {
            return null;
        }
        return switch (column) {
            case BooleanColumn booleans -> booleans.values()[row];
            case IntColumn ints -> ofInt(type, ints.values()[row]);
            case LongColumn longs -> ofLong(type, longs.values()[row]);
            case FloatColumn floats -> floats.values()[row];
            case DoubleColumn doubles -> doubles.values()[row];
            case BytesColumn bytes -> ofBytes(type, bytes, row);
            case DictionaryColumn strings -> ofBytes(type, strings.expanded(), row);
            case ObjectColumn objects -> objects.values()[row];
        };
    }

    private static Object ofInt(Type type, int value) {
        return type.typeId() == Type.TypeID.DATE ? LocalDate.ofEpochDay(value) : (Object) value;
    }

    private static Object ofLong(Type type, long value) {
        return switch (type.typeId()) {
            case TIME -> LocalTime.ofNanoOfDay(value * 1000);
            case TIMESTAMP ->
                timestamp(instant(value, MICROS_PER_SECOND), ((Types.TimestampType) type).shouldAdjustToUTC());
            case TIMESTAMP_NANO ->
                timestamp(instant(value, NANOS_PER_SECOND), ((Types.TimestampNanoType) type).shouldAdjustToUTC());
            default -> value;
        };
    }

    private static Object timestamp(Instant instant, boolean zoned) {
        return zoned ? instant : LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    private static Instant instant(long value, long unitsPerSecond) {
        long second = Math.floorDiv(value, unitsPerSecond);
        long rest = Math.floorMod(value, unitsPerSecond);
        return Instant.ofEpochSecond(second).plus(rest * (NANOS_PER_SECOND / unitsPerSecond), ChronoUnit.NANOS);
    }

    private static Object ofBytes(Type type, BytesColumn column, int row) {
        return switch (type.typeId()) {
            case STRING -> column.string(row);
            case DECIMAL -> new BigDecimal(new BigInteger(column.bytes(row)), ((Types.DecimalType) type).scale());
            case UUID -> {
                ByteBuffer bytes = ByteBuffer.wrap(column.bytes(row));
                yield new UUID(bytes.getLong(), bytes.getLong());
            }
            default -> HexFormat.of().formatHex(column.bytes(row));
        };
    }
}
