package dev.firn.lake.parquet;

import dev.firn.lake.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/// The indexes of a file beside its footer: page positions, page bounds and Bloom filters. Throws
/// [CorruptParquetException] if an index is unreadable, and other exceptions if the store is unavailable. For one
/// thread.
final class FileIndexes {
    /// An upper limit of the size of a Bloom filter header.
    private static final int BLOOM_HEADER_BYTES = 64;

    private final long fileLength;
    private final RangeFetcher ranges;
    /// By position in the file; both filters and cursors use them.
    private final Map<Long, OffsetIndex> offsetIndexes = new HashMap<>();

    interface RangeFetcher {
        byte[] fetch(long position, int length);
    }

    FileIndexes(long fileLength, RangeFetcher ranges) {
        this.fileLength = fileLength;
        this.ranges = ranges;
    }

    Optional<PageIndex> pages(ColumnChunkMetaData chunk, FileColumn.Leaf leaf, long rows) {
        IndexReference reference = chunk.getColumnIndexReference();
        OffsetIndex pages = offsets(chunk).orElse(null);
        if (reference == null || pages == null) {
            return Optional.empty();
        }
        byte[] serialized = ranges.fetch(reference.getOffset(), reference.getLength());
        ColumnIndex bounds;
        try {
            bounds = columnIndex(chunk, serialized);
        } catch (IOException | RuntimeException e) {
            throw new CorruptParquetException("unreadable column index: " + Reason.of(e), e);
        }
        return bounds == null ? Optional.empty() : Optional.of(new PageIndex(leaf, bounds, pages, rows));
    }

    /// Null for types without a defined order.
    @SuppressWarnings("NullAway") // parquet-hadoop is not annotated
    private static @Nullable ColumnIndex columnIndex(ColumnChunkMetaData chunk, byte[] serialized) throws IOException {
        return ParquetMetadataConverter.fromParquetColumnIndex(
                chunk.getPrimitiveType(), Util.readColumnIndex(new ByteArrayInputStream(serialized)));
    }

    Optional<OffsetIndex> offsets(ColumnChunkMetaData chunk) {
        IndexReference reference = chunk.getOffsetIndexReference();
        if (reference == null) {
            return Optional.empty();
        }
        OffsetIndex known = offsetIndexes.get(reference.getOffset());
        if (known == null) {
            byte[] serialized = ranges.fetch(reference.getOffset(), reference.getLength());
            try {
                known = ParquetMetadataConverter.fromParquetOffsetIndex(
                        Util.readOffsetIndex(new ByteArrayInputStream(serialized)));
            } catch (IOException | RuntimeException e) {
                throw new CorruptParquetException("unreadable offset index: " + Reason.of(e), e);
            }
            offsetIndexes.put(reference.getOffset(), known);
        }
        return known.getPageCount() == 0 ? Optional.empty() : Optional.of(known);
    }

    /// Empty if there is none, or none that can be probed.
    Optional<BloomProbe> bloomFilter(ColumnChunkMetaData chunk, FileColumn.Leaf leaf) {
        long offset = chunk.getBloomFilterOffset();
        if (offset < 0 || !BloomProbe.canAsk(leaf)) {
            return Optional.empty();
        }
        int length = chunk.getBloomFilterLength() > 0 ? chunk.getBloomFilterLength() : BLOOM_HEADER_BYTES;
        try {
            return BloomProbe.read(offset, length, leaf, this::upTo);
        } catch (IOException e) {
            throw new CorruptParquetException("unreadable Bloom filter: " + Reason.of(e), e);
        }
    }

    private byte[] upTo(long position, int length) {
        return ranges.fetch(position, Math.toIntExact(Math.clamp(fileLength - position, 0L, (long) length)));
    }
}
