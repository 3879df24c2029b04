package dev.firn.lake.parquet;

import java.util.Optional;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/// The pages of a column chunk: the rows and the value bounds of each. Immutable.
public final class PageIndex {
    private final FileColumn.Leaf leaf;
    private final ColumnIndex bounds;
    private final OffsetIndex pages;
    private final long rows;

    PageIndex(FileColumn.Leaf leaf, ColumnIndex bounds, OffsetIndex pages, long rows) {
        if (bounds.getMinValues().size() != pages.getPageCount()) {
            throw new CorruptParquetException("column %s has bounds for %d pages, but %d pages"
                    .formatted(leaf.field().name(), bounds.getMinValues().size(), pages.getPageCount()));
        }
        this.leaf = leaf;
        this.bounds = bounds;
        this.pages = pages;
        this.rows = rows;
    }

    public int size() {
        return pages.getPageCount();
    }

    /// The first row of the page, relative to the row group.
    public long firstRow(int page) {
        return pages.getFirstRowIndex(page);
    }

    /// The end row of the page, exclusive.
    public long endRow(int page) {
        return pages.getLastRowIndex(page, rows) + 1;
    }

    /// The compressed size of the page.
    public long bytes(int page) {
        return pages.getCompressedPageSize(page);
    }

    public boolean isAllNull(int page) {
        return bounds.getNullPages().get(page);
    }

    /// The min and max value of a page; empty if they cannot be trusted, and for a page of nulls.
    public Optional<StoredBounds> bounds(int page) {
        return isAllNull(page)
                ? Optional.empty()
                : StoredBounds.ofEncoded(
                        bounds.getMinValues().get(page), bounds.getMaxValues().get(page), leaf);
    }
}
