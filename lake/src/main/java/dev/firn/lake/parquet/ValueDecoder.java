package dev.firn.lake.parquet;

import dev.firn.lake.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Decodes the values of one column, one page at a time, by ascending index. For PLAIN and dictionary encodings only
/// the requested values are decoded. Delta encodings, byte stream split and run-length booleans go through
/// parquet-column's readers, which decode whole pages value by value. Not thread-safe.
final class ValueDecoder {
    private final ColumnDescriptor descriptor;
    private final PrimitiveTypeName physical;
    private final Conversion conversion;
    private final PlainValues plain;
    private final Vector dictionary;
    private final Vector decoded;
    private final Vector raw;
    private final Vector converted;
    private boolean hasDictionary;
    private Form form = Form.NONE;
    private HybridRuns ids = new HybridRuns(MemorySegment.NULL, 0, 0, 0);
    private int nextIdIndex;
    private int[] scratch = new int[0];

    private enum Form {
        NONE,
        PLAIN,
        IDS,
        DECODED
    }

    ValueDecoder(ColumnDescriptor descriptor, Conversion conversion) {
        this.descriptor = descriptor;
        this.physical = descriptor.getPrimitiveType().getPrimitiveTypeName();
        this.conversion = conversion;
        this.plain = new PlainValues(physical, descriptor.getPrimitiveType().getTypeLength());
        this.dictionary = newTarget();
        this.decoded = rawVector(physical);
        this.raw = rawVector(physical);
        this.converted = newTarget();
    }

    Vector newTarget() {
        return conversion.inPlace() ? rawVector(physical) : conversion.target(rawVector(physical));
    }

    void dictionary(MemorySegment bytes, long from, long to, int count) {
        dictionary.clear();
        plain.open(bytes, from, to, count);
        if (conversion == Conversion.NONE) {
            plain.read(0, count, dictionary);
        } else {
            raw.clear();
            plain.read(0, count, raw);
            convert(raw, dictionary);
        }
        if (!plain.isAtEnd()) {
            throw new CorruptParquetException("a dictionary of %d values ends before its page".formatted(count));
        }
        hasDictionary = true;
    }

    /// Bytes of each value in PLAIN; 0 if variable or less than a byte.
    int plainWidth() {
        return plain.width();
    }

    boolean hasDictionary() {
        return hasDictionary;
    }

    /// The values of the dictionary, in the type of [#newTarget].
    Vector dictionary() {
        return dictionary;
    }

    /// Opens a page of `rows` rows and `present` values. Eight bytes after `to` must be readable.
    void open(Encoding encoding, MemorySegment bytes, long from, long to, int rows, int present) {
        form = Form.NONE;
        switch (encoding) {
            case RLE_DICTIONARY, PLAIN_DICTIONARY -> {
                openIds(bytes, from, to, present);
                form = Form.IDS;
            }
            case PLAIN -> {
                plain.open(bytes, from, to, present);
                form = Form.PLAIN;
            }
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT, RLE -> {
                ValuesReader reader = encoding.getValuesReader(descriptor, ValuesType.VALUES);
                try {
                    reader.initFromPage(
                            rows,
                            ByteBufferInputStream.wrap(
                                    bytes.asSlice(from, to - from).asByteBuffer()));
                } catch (IOException e) {
                    throw new CorruptParquetException("could not decode a page: " + Reason.of(e), e);
                }
                decoded.clear();
                ReaderValues.read(reader, present, decoded);
                form = Form.DECODED;
            }
            case BIT_PACKED -> throw new CorruptParquetException("unsupported value encoding BIT_PACKED");
        }
    }

    private void openIds(MemorySegment bytes, long from, long to, int present) {
        if (!hasDictionary) {
            throw new CorruptParquetException("a page has dictionary ids, but the column chunk has no dictionary");
        }
        if (present > 0 && from >= to) {
            throw new CorruptParquetException("an empty page of dictionary ids");
        }
        ids = new HybridRuns(bytes, from + 1, to, present == 0 ? 0 : bytes.get(ValueLayout.JAVA_BYTE, from));
        nextIdIndex = 0;
    }

    /// Appends `count` values from index `first` on.
    void read(int first, int count, Vector into) {
        switch (form) {
            case PLAIN -> {
                if (conversion == Conversion.NONE) {
                    plain.read(first, count, into);
                } else {
                    raw.clear();
                    plain.read(first, count, raw);
                    append(raw, into);
                }
            }
            case IDS -> {
                int[] wanted = scratch(count);
                seek(first);
                ids.read(count, wanted, 0);
                nextIdIndex += count;
                appendIds(wanted, count, into);
            }
            case DECODED -> {
                if (conversion == Conversion.NONE) {
                    into.append(decoded, first, first + count);
                } else {
                    raw.clear();
                    raw.append(decoded, first, first + count);
                    append(raw, into);
                }
            }
            case NONE -> throw new IllegalStateException("no page is open");
        }
    }

    /// Appends the dictionary ids of `count` values from index `first` on. The values of a page that is not
    /// dictionary-encoded, although the footer says so, are added to the dictionary.
    void readIds(int first, int count, Vector.Ints into) {
        int size = into.size;
        into.reserve(size + count);
        if (form != Form.IDS) {
            int next = dictionary.size;
            read(first, count, dictionary);
            hasDictionary = true;
            for (int i = 0; i < count; i++) {
                into.values[size + i] = next + i;
            }
            into.size = size + count;
            return;
        }
        seek(first);
        ids.read(count, into.values, size);
        nextIdIndex += count;
        checkIds(into.values, size, size + count);
        into.size = size + count;
    }

    /// Appends the values at the first `count` indexes, which ascend.
    void take(int[] indexes, int count, Vector into) {
        if (form == Form.PLAIN && conversion == Conversion.NONE) {
            plain.take(indexes, count, into);
        } else if (form == Form.PLAIN) {
            raw.clear();
            plain.take(indexes, count, raw);
            append(raw, into);
        } else if (form == Form.IDS) {
            int[] wanted = scratch(count);
            for (int i = 0; i < count; i++) {
                seek(indexes[i]);
                ids.read(1, wanted, i);
                nextIdIndex++;
            }
            appendIds(wanted, count, into);
        } else {
            for (int i = 0; i < count; i++) {
                read(indexes[i], 1, into);
            }
        }
    }

    private void seek(int index) {
        ids.skip(index - nextIdIndex);
        nextIdIndex = index;
    }

    private void appendIds(int[] wanted, int count, Vector into) {
        checkIds(wanted, 0, count);
        into.appendIds(dictionary, wanted, count);
    }

    private void checkIds(int[] wanted, int from, int to) {
        int limit = dictionary.size;
        for (int i = from; i < to; i++) {
            if (wanted[i] < 0 || wanted[i] >= limit) {
                throw new CorruptParquetException(
                        "dictionary id %d is out of range, the dictionary has %d values".formatted(wanted[i], limit));
            }
        }
    }

    private int[] scratch(int count) {
        if (scratch.length < count) {
            scratch = new int[Vector.grown(scratch.length, count)];
        }
        return scratch;
    }

    private void append(Vector values, Vector into) {
        converted.clear();
        convert(values, converted);
        into.append(converted, 0, converted.size);
    }

    private void convert(Vector values, Vector into) {
        if (conversion.inPlace()) {
            conversion.convert(values, values.size, values);
            into.append(values, 0, values.size);
        } else {
            conversion.convert(values, values.size, into);
        }
    }

    private static Vector rawVector(PrimitiveTypeName physical) {
        return switch (physical) {
            case INT32 -> new Vector.Ints();
            case INT64, INT96 -> new Vector.Longs();
            case FLOAT -> new Vector.Floats();
            case DOUBLE -> new Vector.Doubles();
            case BOOLEAN -> new Vector.Booleans();
            case BINARY, FIXED_LEN_BYTE_ARRAY -> new ByteVector();
        };
    }
}
