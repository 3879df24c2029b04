package dev.firn.lake.parquet;

import java.util.List;
import java.util.Optional;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/// The pages of a column chunk: the rows and the value bounds of each. Immutable.
public final class PageIndex {
    private final FileColumn.Leaf leaf;
    private final ColumnIndex bounds;
    private final OffsetIndex pages;
    private final long rows;

    /// Throws [CorruptParquetException] if the bounds are not those of these pages.
    PageIndex(FileColumn.Leaf leaf, ColumnIndex bounds, OffsetIndex pages, long rows) {
        requireOnePerPage("null flags", bounds.getNull_pages(), pages);
        requireOnePerPage("least values", bounds.getMin_values(), pages);
        requireOnePerPage("greatest values", bounds.getMax_values(), pages);
        if (bounds.isSetNull_counts()) {
            requireOnePerPage("null counts", bounds.getNull_counts(), pages);
        }
        this.leaf = leaf;
        this.bounds = bounds;
        this.pages = pages;
        this.rows = rows;
    }

    private static void requireOnePerPage(String what, List<?> list, OffsetIndex pages) {
        if (list.size() != pages.getPageCount()) {
            throw new CorruptParquetException("%d %s for %d pages".formatted(list.size(), what, pages.getPageCount()));
        }
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

    /// Whether the writer says that the page has nulls only.
    public boolean claimsNullsOnly(int page) {
        return bounds.getNull_pages().get(page);
    }

    /// Whether the flag, the bounds and the null count agree that the page has nulls only.
    public boolean isAllNull(int page) {
        return bounds.getNull_pages().get(page)
                && !bounds.getMin_values().get(page).hasRemaining()
                && !bounds.getMax_values().get(page).hasRemaining()
                && (!bounds.isSetNull_counts() || bounds.getNull_counts().get(page) == endRow(page) - firstRow(page));
    }

    /// The min and max value of a page; empty if there are none that can be trusted.
    public Optional<StoredBounds> bounds(int page) {
        return bounds.getNull_pages().get(page)
                ? Optional.empty()
                : StoredBounds.ofEncoded(
                        bounds.getMin_values().get(page), bounds.getMax_values().get(page), leaf);
    }
}
