package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.lake.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// A column chunk's Bloom filter, probed in the file's physical type: a column that was an int when the file was
/// written is hashed as an int, and a value outside the int range is absent (docs/semantics.md rule 14).
public final class BloomProbe {
    private static final int MAX_BYTES = 16 << 20;
    private static final int BLOCK_BYTES = 32;

    private final BlockSplitBloomFilter filter;
    private final PrimitiveTypeName physical;
    private final boolean isEmpty;

    private BloomProbe(byte[] bits, PrimitiveTypeName physical) {
        this.filter = new BlockSplitBloomFilter(bits);
        this.isEmpty = isZero(bits);
        this.physical = physical;
    }

    /// Whether the filter can be probed for this column: not if values are stored in another form than the engine
    /// holds them.
    static boolean canAsk(FileColumn.Leaf leaf) {
        PrimitiveTypeName physical = leaf.descriptor().getPrimitiveType().getPrimitiveTypeName();
        return switch (physical) {
            case INT32 -> leaf.conversion() == Conversion.NONE || leaf.conversion() == Conversion.INT_TO_LONG;
            case INT64, BINARY, FIXED_LEN_BYTE_ARRAY ->
                leaf.conversion() == Conversion.NONE && leaf.field().type().typeId() != Type.TypeID.DECIMAL;
            case INT96, FLOAT, DOUBLE, BOOLEAN -> false;
        };
    }

    interface ByteSource {
        /// Up to `length` bytes of the file.
        byte[] read(long position, int length) throws IOException;
    }

    /// Where the filter is.
    ///
    /// @param length of header and bits together; not positive if unknown
    record Source(long offset, int length, ByteSource bytes) {}

    /// Empty if the kind of filter is unknown. Throws an exception if it cannot be parsed, or cannot be the filter of a
    /// column chunk with values.
    ///
    /// @param firstBytes how many bytes to read for the header, and for the bits if they are among them
    static Optional<BloomProbe> read(Source source, int firstBytes, FileColumn.Leaf leaf) throws IOException {
        byte[] first = source.bytes.read(source.offset, firstBytes);
        ByteArrayInputStream in = new ByteArrayInputStream(first);
        BloomFilterHeader header = header(in);
        if (!header.getAlgorithm().isSetBLOCK()
                || !header.getHash().isSetXXHASH()
                || !header.getCompression().isSetUNCOMPRESSED()
                || header.getNumBytes() > MAX_BYTES) {
            return Optional.empty();
        }
        int size = header.getNumBytes();
        int headerBytes = first.length - in.available();
        if (size < BLOCK_BYTES
                || size % BLOCK_BYTES != 0
                || (source.length > 0 && source.length != headerBytes + size)) {
            throw new CorruptParquetException("%d bytes with a filter of %d bytes".formatted(source.length, size));
        }
        byte[] bits =
                in.available() >= size ? in.readNBytes(size) : source.bytes.read(source.offset + headerBytes, size);
        if (bits.length < size) {
            throw new CorruptParquetException("%d of %d bytes".formatted(bits.length, size));
        }
        return Optional.of(
                new BloomProbe(bits, leaf.descriptor().getPrimitiveType().getPrimitiveTypeName()));
    }

    private static BloomFilterHeader header(ByteArrayInputStream in) throws IOException {
        try {
            return Util.readBloomFilterHeader(in);
        } catch (RuntimeException e) {
            throw new CorruptParquetException("unreadable header: " + Reason.of(e), e);
        }
    }

    /// Whether nothing was ever added to the filter, as in a column chunk of nulls.
    boolean isEmpty() {
        return isEmpty;
    }

    private static boolean isZero(byte[] bits) {
        for (byte b : bits) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether the filter contains the values that the column chunk has according to its statistics.
    boolean agreesWith(Optional<StoredBounds> bounds) {
        return switch (bounds.orElse(null)) {
            case null -> true;
            case StoredBounds.Longs longs -> mightContain(longs.min()) && mightContain(longs.max());
            case StoredBounds.Bytes _ -> !isEmpty;
        };
    }

    /// @param values as the engine holds keys
    public boolean mightContain(Column values, int row) {
        return switch (values) {
            case LongColumn longs -> mightContain(longs.values()[row]);
            case BytesColumn bytes -> filter.findHash(filter.hash(Binary.fromConstantByteArray(bytes.bytes(row))));
            default -> true;
        };
    }

    private boolean mightContain(long value) {
        if (physical == PrimitiveTypeName.INT32) {
            return value == (int) value && filter.findHash(filter.hash((int) value));
        }
        return filter.findHash(filter.hash(value));
    }
}
