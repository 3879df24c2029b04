package dev.firn.lake.parquet;

import dev.firn.lake.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.schema.ColumnOrder.ColumnOrderName;

/// The indexes of a file beside its footer: page positions, page bounds and Bloom filters. All of them are
/// optional: one that cannot be parsed or does not fit its column chunk is ignored, and the file is read
/// without it. Throws only if the store is unavailable. For one thread.
final class FileIndexes {
    /// An upper limit of the size of a Bloom filter header.
    private static final int BLOOM_HEADER_BYTES = 64;

    /// An index of a column chunk has some 10 to 150 bytes per page; one larger than this is not worth its memory.
    private static final int MAX_INDEX_BYTES = 16 << 20;

    private final long fileLength;
    private final RangeFetcher ranges;
    private final Consumer<String> ignored;
    /// By position in the file; both filters and cursors use them.
    private final Map<Long, Optional<OffsetIndex>> offsetIndexes = new HashMap<>();

    interface RangeFetcher {
        byte[] fetch(long position, int length);

        /// Keeps bytes that were fetched and decoded without a fault.
        void keep(long position, byte[] bytes);
    }

    private interface Parsing<T> {
        T parse(byte[] serialized) throws IOException;
    }

    /// @param ignored receives what is ignored, and why
    FileIndexes(long fileLength, RangeFetcher ranges, Consumer<String> ignored) {
        this.fileLength = fileLength;
        this.ranges = ranges;
        this.ignored = ignored;
    }

    Optional<PageIndex> pages(ColumnChunkMetaData chunk, FileColumn.Leaf leaf, long rows) {
        IndexReference reference = chunk.getColumnIndexReference();
        OffsetIndex pages = reference == null ? null : offsets(chunk).orElse(null);
        if (pages == null
                || chunk.getPrimitiveType().columnOrder().getColumnOrderName() != ColumnOrderName.TYPE_DEFINED_ORDER) {
            return Optional.empty();
        }
        return read(
                "column index",
                chunk,
                reference,
                bytes -> new PageIndex(leaf, Util.readColumnIndex(new ByteArrayInputStream(bytes)), pages, rows));
    }

    /// Positions that fit the chunk: see [PageRanges#requireFit].
    Optional<OffsetIndex> offsets(ColumnChunkMetaData chunk) {
        IndexReference reference = chunk.getOffsetIndexReference();
        if (reference == null) {
            return Optional.empty();
        }
        Optional<OffsetIndex> known = offsetIndexes.get(reference.getOffset());
        if (known == null) {
            known = read("offset index", chunk, reference, bytes -> {
                OffsetIndex index = ParquetMetadataConverter.fromParquetOffsetIndex(
                        Util.readOffsetIndex(new ByteArrayInputStream(bytes)));
                PageRanges.requireFit(index, chunk);
                return index;
            });
            offsetIndexes.put(reference.getOffset(), known);
        }
        return known;
    }

    private <T> Optional<T> read(String what, ColumnChunkMetaData chunk, IndexReference reference, Parsing<T> parsing) {
        long offset = reference.getOffset();
        int length = reference.getLength();
        if (offset < 0 || length <= 0 || length > MAX_INDEX_BYTES || offset > fileLength - length) {
            return ignored(what, chunk, "%d bytes at position %d".formatted(length, offset));
        }
        byte[] serialized = ranges.fetch(offset, length);
        try {
            T parsed = parsing.parse(serialized);
            ranges.keep(offset, serialized);
            return Optional.of(parsed);
        } catch (IOException | RuntimeException e) {
            return ignored(what, chunk, Reason.of(e));
        }
    }

    private <T> Optional<T> ignored(String what, ColumnChunkMetaData chunk, String why) {
        ignored.accept("%s of column %s: %s".formatted(what, chunk.getPath().toDotString(), why));
        return Optional.empty();
    }

    /// Empty if there is none, or none that can be probed.
    Optional<BloomProbe> bloomFilter(ColumnChunkMetaData chunk, FileColumn.Leaf leaf) {
        long offset = chunk.getBloomFilterOffset();
        if (offset < 0 || !BloomProbe.canAsk(leaf)) {
            return Optional.empty();
        }
        int named = chunk.getBloomFilterLength();
        Map<Long, byte[]> fetched = new HashMap<>();
        BloomProbe.Source source = new BloomProbe.Source(offset, named, (position, length) -> {
            byte[] part = upTo(position, length);
            fetched.put(position, part);
            return part;
        });
        try {
            Optional<BloomProbe> bloom = BloomProbe.read(source, named > 0 ? named : BLOOM_HEADER_BYTES, leaf);
            if (bloom.isPresent() && !bloom.get().agreesWith(StoredBounds.of(chunk, leaf))) {
                return ignored("Bloom filter", chunk, "it lacks a bound of the column");
            }
            fetched.forEach(ranges::keep);
            return bloom.filter(probe -> !probe.isEmpty());
        } catch (IOException | CorruptParquetException e) {
            return ignored("Bloom filter", chunk, Reason.of(e));
        }
    }

    private byte[] upTo(long position, int length) {
        if (position < 0 || position >= fileLength) {
            throw new CorruptParquetException("position %d is not in the file".formatted(position));
        }
        return ranges.fetch(position, Math.toIntExact(Math.clamp(fileLength - position, 0L, (long) length)));
    }
}
