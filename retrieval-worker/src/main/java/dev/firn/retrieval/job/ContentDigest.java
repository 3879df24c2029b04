package dev.firn.retrieval.job;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
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
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The digest of a result's content. It is equal for equal rows in the same order with the same column names and types,
/// however they are cut into files.
///
/// XXH3-128 (seed 0) twice. Each column is a stream over its rows in order, all numbers little-endian: a null
/// is the byte 0; any other value is the byte 1 and then: boolean one byte; int, date 4 bytes; long, time,
/// timestamps 8 bytes in the type's own unit; float, double their raw bits; string (UTF-8), binary, fixed, uuid
/// (16 bytes, big-endian), decimal (unscaled, big-endian two's complement of minimal length) a 4-byte length and
/// the bytes. A list is its 4-byte size and its elements, a map its 4-byte size and its entries in their order,
/// key then value, a struct its fields in order; each of these again with its null byte. Nested numbers, dates
/// and times are written as text in Java's `toString`, as strings are. The second stream is, for each column in
/// order, name and type as strings of UTF-8 (4-byte length first) and the column's 16 bytes, big-endian; last
/// the 8-byte count of rows. Its hash in hexadecimal is the digest.
final class ContentDigest {
    private final Schema schema;
    private final List<HashStream128> columns = new ArrayList<>();
    private long rows;

    ContentDigest(Schema schema) {
        this.schema = schema;
        schema.columns().forEach(_ -> columns.add(Hashing.xxh3_128().hashStream()));
    }

    /// Adds a column's next rows. Different threads may add to different columns at the same time.
    void add(int column, Column values, int count) {
        add(columns.get(column), values, count);
    }

    /// Counts rows that were added to every column.
    void addRows(int count) {
        rows += count;
    }

    String hex() {
        HashStream128 all = Hashing.xxh3_128().hashStream();
        for (int i = 0; i < columns.size(); i++) {
            Types.NestedField field = schema.columns().get(i);
            putBytes(all, field.name().getBytes(StandardCharsets.UTF_8));
            putBytes(all, field.type().toString().getBytes(StandardCharsets.UTF_8));
            all.putBytes(bigEndian(columns.get(i).get()));
        }
        all.putLong(rows);
        HashValue128 hash = all.get();
        return "%016x%016x".formatted(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }

    private static byte[] bigEndian(HashValue128 hash) {
        return ByteBuffer.allocate(16)
                .putLong(hash.getMostSignificantBits())
                .putLong(hash.getLeastSignificantBits())
                .array();
    }

    /// A loop for each kind of column: the JVM would not inline the calls in one loop for all kinds.
    private static void add(HashStream128 stream, Column column, int count) {
        Nulls nulls = column.nulls();
        switch (column) {
            case BooleanColumn booleans -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putBoolean(booleans.values()[i]);
                    }
                }
            }
            case IntColumn ints -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putInt(ints.values()[i]);
                    }
                }
            }
            case LongColumn longs -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putLong(longs.values()[i]);
                    }
                }
            }
            case FloatColumn floats -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putInt(Float.floatToRawIntBits(floats.values()[i]));
                    }
                }
            }
            case DoubleColumn doubles -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putLong(Double.doubleToRawLongBits(doubles.values()[i]));
                    }
                }
            }
            case BytesColumn bytes -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        stream.putInt(bytes.length(i));
                        stream.putBytes(bytes.data(), bytes.offsets()[i], bytes.length(i));
                    }
                }
            }
            case ObjectColumn objects -> {
                for (int i = 0; i < count; i++) {
                    if (putPresence(stream, nulls, i)) {
                        putContent(stream, objects.values()[i]);
                    }
                }
            }
            case DictionaryColumn _ ->
                throw new IllegalArgumentException("a dictionary column cannot be part of a result");
        }
    }

    private static boolean putPresence(HashStream128 stream, Nulls nulls, int row) {
        boolean present = !nulls.isNull(row);
        stream.putByte((byte) (present ? 1 : 0));
        return present;
    }

    private static void putNested(HashStream128 stream, @Nullable Object value) {
        if (value == null) {
            stream.putByte((byte) 0);
        } else {
            stream.putByte((byte) 1);
            putContent(stream, value);
        }
    }

    private static void putContent(HashStream128 stream, @Nullable Object value) {
        switch (value) {
            case null -> throw new IllegalArgumentException("the value must not be null");
            case List<?> list -> {
                stream.putInt(list.size());
                list.forEach(element -> putNested(stream, element));
            }
            case Map<?, ?> map -> {
                stream.putInt(map.size());
                map.forEach((key, element) -> {
                    putNested(stream, key);
                    putNested(stream, element);
                });
            }
            case StructLike struct -> {
                for (int i = 0; i < struct.size(); i++) {
                    putNested(stream, struct.get(i, Object.class));
                }
            }
            case Boolean bool -> stream.putBoolean(bool);
            case byte[] bytes -> putBytes(stream, bytes);
            case ByteBuffer buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                putBytes(stream, bytes);
            }
            case BigDecimal decimal -> putBytes(stream, decimal.unscaledValue().toByteArray());
            default -> putBytes(stream, value.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void putBytes(HashStream128 stream, byte[] bytes) {
        stream.putInt(bytes.length);
        stream.putBytes(bytes);
    }
}
