package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// Bounds of a data or delete file from its manifest. Bounds of another length than their type has say nothing.
///
/// So do microseconds after the year 9999: a writer that takes a file of nanoseconds over into a table of
/// microseconds may have copied its bounds as they are.
///
/// Bounds of uuids are ignored: writers merge the bounds of row groups in Iceberg's signed order, which makes them
/// wrong (apache/iceberg#14216).
final class FileBounds implements BoundsCheck.BoundsSource {
    /// The end of the year 9999. The nanoseconds of 1978 are greater.
    private static final long MAX_MICROS = 253_402_300_799_999_999L;

    private final Schema schema;
    private final ContentFile<?> file;

    FileBounds(Schema schema, ContentFile<?> file) {
        this.schema = schema;
        this.file = file;
    }

    @Override
    public Optional<Column> bounds(int fieldId) {
        ByteBuffer min = bound(file.lowerBounds(), fieldId);
        ByteBuffer max = bound(file.upperBounds(), fieldId);
        if (min == null || max == null) {
            return Optional.empty();
        }
        Type type = schema.findType(fieldId);
        return switch (type.typeId()) {
            case BOOLEAN, INTEGER, DATE, LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> {
                OptionalLong low = asLong(type, min);
                OptionalLong high = asLong(type, max);
                yield low.isEmpty() || high.isEmpty() || isOfAnotherUnit(type, low.getAsLong(), high.getAsLong())
                        ? Optional.empty()
                        : ValueRange.of(type, low.getAsLong(), high.getAsLong());
            }
            case STRING, BINARY, FIXED, DECIMAL -> ValueRange.of(type, bytes(min), bytes(max));
            case UUID, FLOAT, DOUBLE, STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY -> Optional.empty();
        };
    }

    private static boolean isOfAnotherUnit(Type type, long low, long high) {
        return type.typeId() == Type.TypeID.TIMESTAMP && (Math.abs(low) > MAX_MICROS || Math.abs(high) > MAX_MICROS);
    }

    /// Columns that were promoted have the shorter bounds of their old type, and some writers store all integers as
    /// longs. A timestamp column may have been a date when the file was written. Such a file is rejected when it is
    /// opened, and must not be skipped by mistaking days for microseconds.
    private static OptionalLong asLong(Type type, ByteBuffer bound) {
        ByteBuffer bytes = bound.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        boolean mayBeInt =
                switch (type.typeId()) {
                    case INTEGER, DATE, LONG -> true;
                    default -> false;
                };
        if (type.typeId() == Type.TypeID.BOOLEAN) {
            return bytes.remaining() == 1 ? OptionalLong.of(bytes.get() == 0 ? 0 : 1) : OptionalLong.empty();
        }
        return switch (bytes.remaining()) {
            case Integer.BYTES -> mayBeInt ? OptionalLong.of(bytes.getInt()) : OptionalLong.empty();
            case Long.BYTES -> OptionalLong.of(bytes.getLong());
            default -> OptionalLong.empty();
        };
    }

    private static byte[] bytes(ByteBuffer bound) {
        byte[] bytes = new byte[bound.remaining()];
        bound.duplicate().get(bytes);
        return bytes;
    }

    private static @Nullable ByteBuffer bound(@Nullable Map<Integer, ByteBuffer> bounds, int fieldId) {
        return bounds == null ? null : bounds.get(fieldId);
    }
}
