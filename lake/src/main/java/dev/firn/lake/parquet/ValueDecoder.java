package dev.firn.lake.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Decodes the values of one column's pages. PLAIN and dictionaries in bulk; the delta encodings, byte stream split
/// and run-length booleans through parquet-column's readers, value by value. Not thread-safe.
final class ValueDecoder {
    private static final long JULIAN_EPOCH_DAY = 2_440_588L;
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final ColumnDescriptor descriptor;
    private final PrimitiveTypeName physical;
    private final int typeLength;
    private final Conversion conversion;
    private final Vector raw;
    private final Vector target;
    private final Vector dictionary;
    private final LevelsAndIds ids = new LevelsAndIds();
    private boolean hasDictionary;

    ValueDecoder(ColumnDescriptor descriptor, Conversion conversion) {
        this.descriptor = descriptor;
        this.physical = descriptor.getPrimitiveType().getPrimitiveTypeName();
        this.typeLength = descriptor.getPrimitiveType().getTypeLength();
        this.conversion = conversion;
        this.raw = rawVector(physical);
        this.target = newTarget();
        this.dictionary = newTarget();
    }

    /// The vector that a page is decoded into, converted, nulls spread by the caller.
    Vector target() {
        return target;
    }

    Vector newTarget() {
        return conversion.inPlace() ? rawVector(physical) : conversion.target(raw);
    }

    void dictionary(byte[] bytes, int from, int to, int count) {
        dictionary.clear();
        plain(bytes, from, to, count, conversion.inPlace() ? dictionary : raw);
        conversion.convert(conversion.inPlace() ? dictionary : raw, count, dictionary);
        hasDictionary = true;
    }

    void dropDictionary() {
        hasDictionary = false;
    }

    boolean hasDictionary() {
        return hasDictionary;
    }

    /// Fills rows 0 to `present` of the target from a page of `rows` rows; the target's null bits stay.
    void decode(Encoding encoding, byte[] bytes, int from, int to, int rows, int present) throws IOException {
        switch (encoding) {
            case RLE_DICTIONARY, PLAIN_DICTIONARY -> byId(bytes, from, to, present);
            case PLAIN -> {
                Vector into = conversion.inPlace() ? target : raw;
                plain(bytes, from, to, present, into);
                conversion.convert(into, present, target);
            }
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT, RLE -> {
                Vector into = conversion.inPlace() ? target : raw;
                ValuesReader reader = encoding.getValuesReader(descriptor, ValuesType.VALUES);
                reader.initFromPage(
                        rows,
                        ByteBufferInputStream.wrap(
                                ByteBuffer.wrap(bytes, from, to - from).slice()));
                oneByOne(reader, present, into);
                conversion.convert(into, present, target);
            }
            case BIT_PACKED -> throw new CorruptParquetException("values in encoding BIT_PACKED");
        }
    }

    private void byId(byte[] bytes, int from, int to, int present) {
        if (!hasDictionary) {
            throw new CorruptParquetException("a page of ids without a dictionary");
        }
        target.size = 0;
        if (present > 0) {
            if (from >= to) {
                throw new CorruptParquetException("a page of ids is empty");
            }
            ids.init(bytes, from + 1, to, bytes[from]);
            target.appendIds(dictionary, ids.ids(present, dictionary.size), present);
        }
    }

    private void plain(byte[] bytes, int from, int to, int count, Vector into) {
        into.reserve(count);
        int width = fixedWidth();
        if (width > 0 && (long) count * width > to - from) {
            throw new CorruptParquetException("%d values of %d bytes in %d".formatted(count, width, to - from));
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from).order(ByteOrder.LITTLE_ENDIAN);
        switch (physical) {
            case INT32 -> in.asIntBuffer().get(((Vector.Ints) into).values, 0, count);
            case INT64 -> in.asLongBuffer().get(((Vector.Longs) into).values, 0, count);
            case FLOAT -> in.asFloatBuffer().get(((Vector.Floats) into).values, 0, count);
            case DOUBLE -> in.asDoubleBuffer().get(((Vector.Doubles) into).values, 0, count);
            case INT96 -> int96(in, count, ((Vector.Longs) into).values);
            case BOOLEAN -> bits(bytes, from, to, count, ((Vector.Booleans) into).values);
            case FIXED_LEN_BYTE_ARRAY -> fixed(bytes, from, count, (Vector.Bytes) into);
            case BINARY -> binary(bytes, from, to, count, (Vector.Bytes) into);
        }
        into.size = count;
    }

    private int fixedWidth() {
        return switch (physical) {
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY -> typeLength;
            case BOOLEAN, BINARY -> 0;
        };
    }

    private static void bits(byte[] bytes, int from, int to, int count, boolean[] values) {
        if (count > 8L * (to - from)) {
            throw new CorruptParquetException("%d booleans in %d bytes".formatted(count, to - from));
        }
        for (int i = 0; i < count; i++) {
            values[i] = (bytes[from + (i >>> 3)] >>> (i & 7) & 1) != 0;
        }
    }

    private void fixed(byte[] bytes, int from, int count, Vector.Bytes into) {
        into.size = 0;
        into.reserveBytes((long) count * typeLength);
        System.arraycopy(bytes, from, into.data, 0, count * typeLength);
        for (int i = 1; i <= count; i++) {
            into.offsets[i] = i * typeLength;
        }
    }

    private static void binary(byte[] bytes, int from, int to, int count, Vector.Bytes into) {
        into.size = 0;
        into.reserveBytes(Math.max(0, to - from - 4L * count));
        int at = from;
        int out = 0;
        for (int i = 0; i < count; i++) {
            if (at + 4 > to) {
                throw new CorruptParquetException("byte arrays end early");
            }
            int length = (bytes[at] & 0xFF)
                    | (bytes[at + 1] & 0xFF) << 8
                    | (bytes[at + 2] & 0xFF) << 16
                    | (bytes[at + 3] & 0xFF) << 24;
            at += 4;
            if (length < 0 || length > to - at) {
                throw new CorruptParquetException("a byte array of %d bytes in %d".formatted(length, to - at));
            }
            System.arraycopy(bytes, at, into.data, out, length);
            at += length;
            out += length;
            into.offsets[i + 1] = out;
        }
    }

    /// Nanoseconds of the day, then the Julian day. Parts of a microsecond are rounded down.
    private static void int96(ByteBuffer in, int count, long[] values) {
        for (int i = 0; i < count; i++) {
            long nanos = in.getLong();
            long day = in.getInt() - JULIAN_EPOCH_DAY;
            values[i] = day * MICROS_PER_DAY + Math.floorDiv(nanos, 1_000L);
        }
    }

    private void oneByOne(ValuesReader reader, int count, Vector into) {
        into.size = 0;
        into.reserve(count);
        switch (into) {
            case Vector.Ints ints -> {
                for (int i = 0; i < count; i++) {
                    ints.values[i] = reader.readInteger();
                }
            }
            case Vector.Longs longs -> {
                for (int i = 0; i < count; i++) {
                    longs.values[i] = reader.readLong();
                }
            }
            case Vector.Floats floats -> {
                for (int i = 0; i < count; i++) {
                    floats.values[i] = reader.readFloat();
                }
            }
            case Vector.Doubles doubles -> {
                for (int i = 0; i < count; i++) {
                    doubles.values[i] = reader.readDouble();
                }
            }
            case Vector.Booleans booleans -> {
                for (int i = 0; i < count; i++) {
                    booleans.values[i] = reader.readBoolean();
                }
            }
            case Vector.Bytes byteStrings -> {
                for (int i = 0; i < count; i++) {
                    Binary value = reader.readBytes();
                    byte[] copy = value.getBytesUnsafe();
                    byteStrings.appendBytes(copy, 0, copy.length);
                }
            }
        }
        into.size = count;
    }

    private static Vector rawVector(PrimitiveTypeName physical) {
        return switch (physical) {
            case INT32 -> new Vector.Ints();
            case INT64, INT96 -> new Vector.Longs();
            case FLOAT -> new Vector.Floats();
            case DOUBLE -> new Vector.Doubles();
            case BOOLEAN -> new Vector.Booleans();
            case BINARY, FIXED_LEN_BYTE_ARRAY -> new Vector.Bytes();
        };
    }
}
