package dev.firn.lake.parquet;

import java.util.Arrays;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/// The byte ranges of the pages of a column chunk that contain wanted rows. Ranges close to each other are merged.
final class PageRanges {
    /// Pages closer than this are fetched as one range.
    private static final int COALESCE_BYTES = 256 << 10;

    private final long[] starts;
    private final long[] ends;

    private PageRanges(long[] starts, long[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /// One range.
    static PageRanges of(long start, long end) {
        return new PageRanges(new long[] {start}, new long[] {end});
    }

    static PageRanges of(OffsetIndex index, ColumnChunkMetaData chunk, WantedRows wanted) {
        int pages = index.getPageCount();
        long[] starts = new long[pages + 1];
        long[] ends = new long[pages + 1];
        int ranges = 0;
        if (index.getOffset(0) > chunk.getStartingPos()) {
            starts[0] = chunk.getStartingPos();
            ends[0] = index.getOffset(0);
            ranges = 1;
        }
        for (int p = 0; p < pages; p++) {
            if (wanted.next(index.getFirstRowIndex(p)) > index.getLastRowIndex(p, chunk.getValueCount())) {
                continue;
            }
            long start = index.getOffset(p);
            long end = start + index.getCompressedPageSize(p);
            if (ranges > 0 && start - ends[ranges - 1] <= COALESCE_BYTES) {
                ends[ranges - 1] = end;
            } else {
                starts[ranges] = start;
                ends[ranges++] = end;
            }
        }
        return new PageRanges(Arrays.copyOf(starts, ranges), Arrays.copyOf(ends, ranges));
    }

    /// Throws [CorruptParquetException] unless the pages begin with row 0, have at least one row each, and
    /// lie one after the other within the chunk. The rows of a page are compared with its header when it is
    /// opened.
    static void requireFit(OffsetIndex index, ColumnChunkMetaData chunk) {
        int pages = index.getPageCount();
        long rows = chunk.getValueCount();
        if (pages == 0 || index.getFirstRowIndex(0) != 0) {
            throw new CorruptParquetException(
                    pages == 0 ? "no pages" : "the first page begins at row %d".formatted(index.getFirstRowIndex(0)));
        }
        long end = chunk.getStartingPos();
        long chunkEnd = end + chunk.getTotalSize();
        long lastRow = -1;
        for (int p = 0; p < pages; p++) {
            long offset = index.getOffset(p);
            long size = index.getCompressedPageSize(p);
            long row = index.getFirstRowIndex(p);
            if (offset < end || size <= 0 || size > chunkEnd - offset || row <= lastRow || row >= rows) {
                throw new CorruptParquetException(
                        "page %d of %d bytes at position %d from row %d does not fit".formatted(p, size, offset, row));
            }
            end = offset + size;
            lastRow = row;
        }
    }

    /// The end of the range that contains this position; the position itself if none does.
    long endAt(long position) {
        int found = Arrays.binarySearch(starts, position);
        int range = found >= 0 ? found : -found - 2;
        return range >= 0 && position < ends[range] ? ends[range] : position;
    }

    /// This position if a range contains it, else the start of the next range; [Long#MAX_VALUE] after the last.
    long startFrom(long position) {
        if (endAt(position) > position) {
            return position;
        }
        int found = Arrays.binarySearch(starts, position);
        int next = found >= 0 ? found : -found - 1;
        return next < starts.length ? starts[next] : Long.MAX_VALUE;
    }
}
