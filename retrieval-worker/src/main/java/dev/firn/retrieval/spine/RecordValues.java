package dev.firn.retrieval.spine;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.ObjectColumn;
import dev.firn.lake.parquet.UnreadableColumnException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import java.util.UUID;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;

/// Appends the values of Iceberg's generic records to columns.
final class RecordValues {
    private RecordValues() {}

    /// Throws [UnreadableColumnException] if the field's type cannot hold the value exactly.
    static void append(ColumnBuilder builder, NestedField field, @Nullable Object value) {
        if (value == null) {
            builder.appendNull();
            return;
        }
        switch (builder) {
            case BooleanColumn.Builder booleans -> booleans.append((Boolean) value);
            case IntColumn.Builder ints ->
                ints.append(value instanceof LocalDate date ? DateTimeUtil.daysFromDate(date) : (Integer) value);
            case LongColumn.Builder longs -> longs.append(longOf(field, value));
            case FloatColumn.Builder floats -> floats.append((Float) value);
            case DoubleColumn.Builder doubles -> doubles.append((Double) value);
            case BytesColumn.Builder bytes -> appendBytes(bytes, value);
            case ObjectColumn.Builder objects -> objects.append(value);
        }
    }

    private static long longOf(NestedField field, Object value) {
        boolean nanos = field.type().typeId() == TypeID.TIMESTAMP_NANO;
        if (!nanos && value instanceof Temporal time && time.get(ChronoField.NANO_OF_SECOND) % 1_000 != 0) {
            throw new UnreadableColumnException(
                    "column %s is %s, but the file has %s, which is not a whole number of microseconds"
                            .formatted(field.name(), field.type(), time));
        }
        return switch (value) {
            case Long number -> number;
            case LocalTime time -> DateTimeUtil.microsFromTime(time);
            case LocalDateTime local ->
                nanos ? DateTimeUtil.nanosFromTimestamp(local) : DateTimeUtil.microsFromTimestamp(local);
            case OffsetDateTime instant ->
                nanos ? DateTimeUtil.nanosFromTimestamptz(instant) : DateTimeUtil.microsFromTimestamptz(instant);
            default -> throw new IllegalArgumentException(field.type() + " is represented by " + value.getClass());
        };
    }

    private static void appendBytes(BytesColumn.Builder bytes, Object value) {
        switch (value) {
            case String text -> bytes.append(text);
            case CharSequence text -> bytes.append(text.toString());
            case byte[] array -> bytes.append(array);
            case ByteBuffer buffer -> {
                byte[] copy = new byte[buffer.remaining()];
                buffer.duplicate().get(copy);
                bytes.append(copy);
            }
            case BigDecimal decimal -> bytes.append(decimal.unscaledValue().toByteArray());
            case UUID uuid ->
                bytes.append(ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array());
            default -> throw new IllegalArgumentException("bytes are represented by " + value.getClass());
        }
    }
}
