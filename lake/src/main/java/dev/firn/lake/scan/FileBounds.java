package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.ConstantColumns;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;

/// Bounds of a data file from its manifest.
///
/// Bounds of uuids are ignored: writers merge the bounds of row groups in Iceberg's signed order, which makes them
/// wrong (apache/iceberg#14216).
final class FileBounds implements BoundsCheck.BoundsSource {
    private final Schema schema;
    private final DataFile file;

    FileBounds(Schema schema, DataFile file) {
        this.schema = schema;
        this.file = file;
    }

    @Override
    public Optional<Column> bounds(int fieldId) {
        Type type = schema.findType(fieldId);
        ByteBuffer min = bound(file.lowerBounds(), fieldId);
        ByteBuffer max = bound(file.upperBounds(), fieldId);
        if (min == null || max == null || type.typeId() == Type.TypeID.UUID || areDays(type, min)) {
            return Optional.empty();
        }
        Object low = Conversions.fromByteBuffer(type, min);
        Object high = Conversions.fromByteBuffer(type, max);
        return Optional.of(
                switch (KeyTypes.orderOf(type)) {
                    case LONG -> BoundsCheck.range(asLong(low), asLong(high));
                    case UNSIGNED_BYTES, SIGNED_NUMBER ->
                        BoundsCheck.range(ConstantColumns.bytes(type, low), ConstantColumns.bytes(type, high));
                });
    }

    /// Whether a timestamp column was a date when the file was written. Such a file is rejected when it is opened,
    /// and must not be skipped by mistaking days for microseconds.
    private static boolean areDays(Type type, ByteBuffer bound) {
        return (type.typeId() == Type.TypeID.TIMESTAMP || type.typeId() == Type.TypeID.TIMESTAMP_NANO)
                && bound.remaining() < Long.BYTES;
    }

    private static long asLong(Object value) {
        return value instanceof Boolean truth ? (truth ? 1 : 0) : ((Number) value).longValue();
    }

    @SuppressWarnings("NullAway") // Iceberg: null where a file has no bounds
    private static @org.jspecify.annotations.Nullable ByteBuffer bound(Map<Integer, ByteBuffer> bounds, int fieldId) {
        return bounds == null ? null : bounds.get(fieldId);
    }
}
