package dev.firn.lake.parquet;

import java.util.Optional;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/// The pages of a column chunk: which rows each has, and within which bounds its values lie. Immutable.
public final class PageIndex {
    private final FileColumn.Leaf leaf;
    private final ColumnIndex bounds;
    private final OffsetIndex pages;
    private final long rows;

    PageIndex(FileColumn.Leaf leaf, ColumnIndex bounds, OffsetIndex pages, long rows) {
        if (bounds.getMinValues().size() != pages.getPageCount()) {
            throw new CorruptParquetException("column %s has bounds of %d pages, and %d pages"
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

    /// Of a row group's rows.
    public long firstRow(int page) {
        return pages.getFirstRowIndex(page);
    }

    /// Exclusive.
    public long endRow(int page) {
        return pages.getLastRowIndex(page, rows) + 1;
    }

    /// As stored.
    public long bytes(int page) {
        return pages.getCompressedPageSize(page);
    }

    public boolean isAllNull(int page) {
        return bounds.getNullPages().get(page);
    }

    /// Least and greatest value of a page; empty where they cannot be trusted, and for a page of nulls.
    public Optional<StoredBounds> bounds(int page) {
        return isAllNull(page)
                ? Optional.empty()
                : StoredBounds.ofEncoded(
                        bounds.getMinValues().get(page), bounds.getMaxValues().get(page), leaf);
    }
}
