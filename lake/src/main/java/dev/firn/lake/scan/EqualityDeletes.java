package dev.firn.lake.scan;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.lake.parquet.ConstantColumns;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.StructLikeMap;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/// The rows that a scope's equality delete files hide: those equal to one of theirs in all the delete's columns, null
/// being equal to null, if they were written before the delete.
///
/// A hash of the columns goes first, against a bit filter; only what passes is looked up in Iceberg's map. The filter
/// has no false negatives because equal values hash alike in both forms. Thread-safe.
final class EqualityDeletes {
    private static final int BITS_PER_ROW = 16;
    private static final long NULL_HASH = 0x9E3779B97F4A7C15L;

    private static final int ENTRY_BYTES = 160;
    private static final int FIXED_VALUE_BYTES = 24;
    private static final int VARIABLE_VALUE_BYTES = 96;

    private final List<NestedField> fields;
    private final StructLikeMap<Long> sequences;
    private final long[] filter;

    private EqualityDeletes(List<NestedField> fields, StructLikeMap<Long> sequences) {
        this.fields = List.copyOf(fields);
        this.sequences = sequences;
        this.filter = new long[filterWords(sequences.size())];
        for (StructLike row : sequences.keySet()) {
            long hash = 0;
            for (int c = 0; c < fields.size(); c++) {
                hash = combined(hash, hashOf(fields.get(c).type(), row.get(c, Object.class)));
            }
            filter[word(hash)] |= 1L << hash;
        }
    }

    private static int filterWords(int rows) {
        long bits = Math.max(64L, rows) * BITS_PER_ROW;
        return (int) Math.min(1 << 30, Long.highestOneBit(bits / 64 * 2 - 1));
    }

    /// What a deleted value takes in memory, roughly: it decides whether they fit at all.
    static long bytesPerRow(List<NestedField> fields) {
        long bytes = ENTRY_BYTES + BITS_PER_ROW / 8;
        for (NestedField field : fields) {
            bytes += switch (field.type()) {
                case Types.StringType _, Types.BinaryType _, Types.FixedType _, Types.DecimalType _ ->
                    VARIABLE_VALUE_BYTES;
                default -> FIXED_VALUE_BYTES;
            };
        }
        return bytes;
    }

    /// Takes delete files in the order of their sequence numbers.
    static final class Builder {
        private final List<NestedField> fields;
        private final StructLikeMap<Long> sequences;

        Builder(List<NestedField> fields) {
            this.fields = fields;
            this.sequences = StructLikeMap.create(Types.StructType.of(fields));
        }

        void add(StructLikeSet rows, Long sequence) {
            for (StructLike row : rows) {
                sequences.put(row, sequence);
            }
        }

        EqualityDeletes build() {
            return new EqualityDeletes(fields, sequences);
        }
    }

    List<NestedField> fields() {
        return fields;
    }

    /// Marks the rows of a data file that are hidden.
    ///
    /// @param written the data file's sequence number
    void mark(List<Column> columns, int size, long written, boolean[] deleted) {
        if (sequences.isEmpty()) {
            return;
        }
        long[] hashes = new long[size];
        for (Column column : columns) {
            addHashes(column, size, hashes);
        }
        Row row = new Row(fields, columns);
        for (int i = 0; i < size; i++) {
            if ((filter[word(hashes[i])] & (1L << hashes[i])) != 0 && !deleted[i]) {
                row.at = i;
                Long removed = sequences.get(row);
                deleted[i] = removed != null && removed > written;
            }
        }
    }

    private int word(long hash) {
        return (int) (hash >>> 6) & (filter.length - 1);
    }

    private static long combined(long hash, long next) {
        return mixed(hash * 31 + next);
    }

    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 32)) * 0xD6E8FEB86659FD93L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 32);
    }

    private static long hashOf(Type type, @Nullable Object value) {
        return switch (value) {
            case null -> NULL_HASH;
            case Boolean truth -> truth ? 1 : 0;
            case Float number -> Float.floatToIntBits(number);
            case Double number -> Double.doubleToLongBits(number);
            case Integer number -> number;
            case Long number -> number;
            default -> {
                byte[] bytes = ConstantColumns.bytes(type, value);
                yield hashOf(bytes, 0, bytes.length);
            }
        };
    }

    private static long hashOf(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash;
    }

    private static void addHashes(Column column, int size, long[] hashes) {
        for (int i = 0; i < size; i++) {
            hashes[i] = combined(hashes[i], column.isNull(i) ? NULL_HASH : hashOf(column, i));
        }
    }

    private static long hashOf(Column column, int row) {
        return switch (column) {
            case BooleanColumn of -> of.values()[row] ? 1 : 0;
            case IntColumn of -> of.values()[row];
            case LongColumn of -> of.values()[row];
            case FloatColumn of -> Float.floatToIntBits(of.values()[row]);
            case DoubleColumn of -> Double.doubleToLongBits(of.values()[row]);
            case BytesColumn of -> hashOf(of.data(), of.offsets()[row], of.offsets()[row + 1]);
            case dev.firn.engine.DictionaryColumn of -> hashOf(of.expanded(), row);
            case dev.firn.engine.ObjectColumn _ -> throw new IllegalStateException("a nested column has no equality");
        };
    }

    /// One row of columns in Iceberg's internal representation.
    private static final class Row implements StructLike {
        private final List<NestedField> fields;
        private final List<Column> columns;
        private int at;

        Row(List<NestedField> fields, List<Column> columns) {
            this.fields = fields;
            this.columns = columns;
        }

        @Override
        public int size() {
            return columns.size();
        }

        @Override
        @SuppressWarnings("NullAway") // Iceberg: null is a null value
        public <T> T get(int position, Class<T> javaClass) {
            return javaClass.cast(value(fields.get(position).type(), columns.get(position), at));
        }

        @Override
        public <T> void set(int position, T value) {
            throw new UnsupportedOperationException();
        }

        private static @Nullable Object value(Type type, Column column, int row) {
            if (column.isNull(row)) {
                return null;
            }
            return switch (column) {
                case BooleanColumn of -> of.values()[row];
                case IntColumn of -> of.values()[row];
                case LongColumn of -> of.values()[row];
                case FloatColumn of -> of.values()[row];
                case DoubleColumn of -> of.values()[row];
                case BytesColumn of -> ofBytes(type, of, row);
                case dev.firn.engine.DictionaryColumn of -> ofBytes(type, of.expanded(), row);
                case dev.firn.engine.ObjectColumn of -> of.values()[row];
            };
        }

        private static Object ofBytes(Type type, BytesColumn of, int row) {
            return switch (type) {
                case Types.StringType _ -> of.string(row);
                case Types.DecimalType decimal -> new BigDecimal(new BigInteger(of.bytes(row)), decimal.scale());
                case Types.UUIDType _ -> {
                    ByteBuffer bytes = ByteBuffer.wrap(of.data(), of.offsets()[row], 16);
                    yield new UUID(bytes.getLong(), bytes.getLong());
                }
                default -> ByteBuffer.wrap(Arrays.copyOfRange(of.data(), of.offsets()[row], of.offsets()[row + 1]));
            };
        }
    }
}
