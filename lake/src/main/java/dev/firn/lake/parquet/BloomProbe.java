package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
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

    private final BlockSplitBloomFilter filter;
    private final PrimitiveTypeName physical;

    private BloomProbe(BlockSplitBloomFilter filter, PrimitiveTypeName physical) {
        this.filter = filter;
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

    /// Empty if the kind of filter is unknown.
    static Optional<BloomProbe> read(long offset, int length, FileColumn.Leaf leaf, ByteSource bytes)
            throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes.read(offset, length));
        int there = in.available();
        BloomFilterHeader header = Util.readBloomFilterHeader(in);
        if (!header.getAlgorithm().isSetBLOCK()
                || !header.getHash().isSetXXHASH()
                || !header.getCompression().isSetUNCOMPRESSED()
                || header.getNumBytes() <= 0
                || header.getNumBytes() > MAX_BYTES) {
            return Optional.empty();
        }
        byte[] bits = in.available() >= header.getNumBytes()
                ? in.readNBytes(header.getNumBytes())
                : bytes.read(offset + there - in.available(), header.getNumBytes());
        return Optional.of(new BloomProbe(
                new BlockSplitBloomFilter(bits),
                leaf.descriptor().getPrimitiveType().getPrimitiveTypeName()));
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
