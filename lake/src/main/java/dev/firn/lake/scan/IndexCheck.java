package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.OffsetIndexException;
import dev.firn.lake.parquet.PageIndex;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowRanges;
import dev.firn.lake.parquet.StoredBounds;
import dev.firn.lake.parquet.WantedRows;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.jspecify.annotations.Nullable;

/// Compares the optional parts of a column chunk with each other and with its values. A read does the same checks where
/// it uses a part, and does without one that fails; only the comparison with values is done here alone. Faults that the
/// file finds itself go to the consumer that it was opened with. For one thread.
final class IndexCheck {
    private static final int BATCH_ROWS = 4_096;

    private final ParquetFile file;
    private final ReadBuffers buffers;
    private final Consumer<String> distrusted;

    IndexCheck(ParquetFile file, ReadBuffers buffers, Consumer<String> distrusted) {
        this.file = file;
        this.buffers = buffers;
        this.distrusted = distrusted;
    }

    /// Compares the parts with each other.
    void parts(int rowGroup, FileColumn.Leaf leaf) {
        BlockMetaData group = file.rowGroups().get(rowGroup);
        Optional<StoredBounds> bounds =
                StoredBounds.of(ColumnChunks.of(group, leaf.descriptor().getPath()), leaf);
        if (bounds.isPresent() && RowGroupBounds.range(bounds.get(), leaf).isEmpty()) {
            distrusted.accept("statistics of column %s: the bounds contradict each other".formatted(name(leaf)));
        }
        file.pageIndex(rowGroup, leaf).ifPresent(index -> pages(index, leaf));
        file.bloomFilter(rowGroup, leaf);
        file.dictionary(rowGroup, leaf, buffers).ifPresent(dictionary -> file.isComplete(rowGroup, leaf, dictionary));
    }

    private void pages(PageIndex index, FileColumn.Leaf leaf) {
        for (int page = 0; page < index.size(); page++) {
            Optional<StoredBounds> bounds = index.bounds(page);
            if (bounds.isPresent() && RowGroupBounds.range(bounds.get(), leaf).isEmpty()) {
                distrusted.accept("column index of column %s: the bounds of page %d contradict each other"
                        .formatted(name(leaf), page));
                return;
            }
            if (index.claimsNullsOnly(page) && !index.isAllNull(page)) {
                distrusted.accept("column index of column %s: page %d claims nulls only, and has bounds or other values"
                        .formatted(name(leaf), page));
                return;
            }
        }
    }

    /// Reads all values and compares them with the bounds and the index.
    void values(int rowGroup, FileColumn column) {
        if (!(column instanceof FileColumn.Leaf leaf)) {
            read(rowGroup, column, null, (_, _) -> {});
            return;
        }
        Optional<PageIndex> index = file.pageIndex(rowGroup, leaf);
        try {
            Bounds bounds = new Bounds(rowGroup, leaf, index.orElse(null));
            read(rowGroup, leaf, RowRanges.all(file.rowGroups().get(rowGroup).getRowCount()), bounds::check);
        } catch (OffsetIndexException e) {
            distrusted.accept(String.valueOf(e.getMessage()));
            read(rowGroup, leaf, null, new Bounds(rowGroup, leaf, null)::check);
        }
    }

    private interface Batch {
        void accept(long firstRow, Column values);
    }

    private void read(int rowGroup, FileColumn column, @Nullable WantedRows wanted, Batch batch) {
        long rows = file.rowGroups().get(rowGroup).getRowCount();
        try (ColumnCursor cursor = file.cursor(rowGroup, column, buffers, wanted)) {
            for (long row = 0; row < rows; row += BATCH_ROWS) {
                cursor.clear();
                cursor.read((int) Math.min(BATCH_ROWS, rows - row));
                batch.accept(row, cursor.view());
            }
        }
    }

    private static String name(FileColumn.Leaf leaf) {
        return String.join(".", leaf.descriptor().getPath());
    }

    /// Compares values with the bounds of the row group and of their page, and reports each at most once.
    private final class Bounds {
        private final FileColumn.Leaf leaf;
        private final @Nullable PageIndex index;
        private @Nullable Column ofGroup;
        private @Nullable Column ofPage;
        private int page = -1;
        private boolean pagesAreWrong;

        Bounds(int rowGroup, FileColumn.Leaf leaf, @Nullable PageIndex index) {
            this.leaf = leaf;
            this.index = index;
            BlockMetaData group = file.rowGroups().get(rowGroup);
            ofGroup = StoredBounds.of(ColumnChunks.of(group, leaf.descriptor().getPath()), leaf)
                    .flatMap(bounds -> RowGroupBounds.range(bounds, leaf))
                    .orElse(null);
        }

        void check(long firstRow, Column read) {
            if (ofGroup == null && index == null) {
                return;
            }
            Column values = KeyTypes.normalised(read);
            for (int i = 0; i < values.size(); i++) {
                openPageOf(firstRow + i);
                if (values.isNull(i)) {
                    continue;
                }
                if (isOutside(ofGroup, values, i)) {
                    distrusted.accept(
                            "statistics of column %s: a value lies outside of the bounds".formatted(name(leaf)));
                    ofGroup = null;
                }
                if (!pagesAreWrong && isOutside(ofPage, values, i)) {
                    distrusted.accept("column index of column %s: a value of page %d lies outside of its bounds"
                            .formatted(name(leaf), page));
                    pagesAreWrong = true;
                }
            }
        }

        private void openPageOf(long row) {
            PageIndex pages = index;
            if (pages == null || pagesAreWrong || (page >= 0 && row < pages.endRow(page))) {
                return;
            }
            page++;
            ofPage = pages.bounds(page)
                    .flatMap(bounds -> RowGroupBounds.range(bounds, leaf))
                    .orElse(null);
        }

        private boolean isOutside(@Nullable Column range, Column values, int row) {
            if (range == null) {
                return false;
            }
            KeyOrder order = KeyTypes.orderOf(leaf.field().type());
            return order.compare(values, row, range, 0) < 0 || order.compare(values, row, range, 1) > 0;
        }
    }
}
