package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.PageIndex;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/// Decides which rows of a file's row groups might match, from what is cheaper to read than the rows: first the
/// footer's statistics, then, for the remaining row groups, the dictionaries and Bloom filters of the keys and the
/// bounds of the pages. Rows without a key or a time match nothing and may be skipped too. Thread-safe.
final class RowGroupFilter {
    /// With more probes than this, a Bloom filter with 1% false positives lets most row groups pass.
    static final int MAX_BLOOM_PROBES = 200;

    /// With more keys per page than this, nearly every page contains one.
    private static final int CROWDED_KEYS_PER_PAGE = 4;

    private final BoundsCheck check;
    private final FeatureColumns columns;
    private final Map<Integer, FileColumn> bound;
    private final SkipCounts skips;

    RowGroupFilter(BoundsCheck check, FeatureColumns columns, Map<Integer, FileColumn> bound, SkipCounts skips) {
        this.check = check;
        this.columns = columns;
        this.bound = bound;
        this.skips = skips;
    }

    /// Decides from the footer alone.
    boolean mightMatch(BlockMetaData group) {
        boolean might = check.mightMatch(new RowGroupBounds(group, bound));
        if (!might) {
            skips.rowGroup(SkipReason.STATISTICS, group.getCompressedSize());
        }
        return might;
    }

    /// The rows that might match in a row group that passed [#mightMatch], if few keys are wanted and an index of them
    /// is kept. Of a composite key, the column with the most wanted values is looked up: it probably says most.
    Optional<RowRanges> lookedUp(ParquetFile file, int rowGroup) {
        BlockMetaData group = file.rowGroups().get(rowGroup);
        RowGroupBounds statistics = new RowGroupBounds(group, bound);
        BoundsCheck.Wanted most = null;
        FileColumn.Leaf key = null;
        for (int k = 0; k < check.keys(); k++) {
            if (bound.get(columns.keyFieldIds().get(k)) instanceof FileColumn.Leaf leaf) {
                BoundsCheck.Wanted wanted =
                        check.wanted(k, statistics.bounds(leaf.field().fieldId()));
                if (most == null || wanted.size() > most.size()) {
                    most = wanted;
                    key = leaf;
                }
            }
        }
        return most == null || key == null
                ? Optional.empty()
                : file.rowsOf(rowGroup, key, most.sorted(), most.from(), most.to());
    }

    /// The rows that might match in a row group that passed [#mightMatch]; empty if there are none.
    RowRanges rows(ParquetFile file, int rowGroup, ReadBuffers buffers) {
        BlockMetaData group = file.rowGroups().get(rowGroup);
        RowGroupBounds statistics = new RowGroupBounds(group, bound);
        for (int k = 0; k < check.keys(); k++) {
            if (bound.get(columns.keyFieldIds().get(k)) instanceof FileColumn.Leaf leaf) {
                Optional<Column> range = statistics.bounds(leaf.field().fieldId());
                Optional<SkipReason> reason = absent(file, rowGroup, leaf, check.wanted(k, range), buffers);
                if (reason.isPresent()) {
                    skips.rowGroup(reason.get(), group.getCompressedSize());
                    return RowRanges.all(0);
                }
            }
        }
        return pages(file, rowGroup, statistics);
    }

    private static Optional<SkipReason> absent(
            ParquetFile file, int rowGroup, FileColumn.Leaf leaf, BoundsCheck.Wanted wanted, ReadBuffers buffers) {
        Optional<Column> dictionary = file.dictionary(rowGroup, leaf, buffers);
        if (dictionary.isPresent()) {
            return wanted.holdsAny(KeyTypes.normalised(dictionary.get()))
                            || !file.isComplete(rowGroup, leaf, dictionary.get())
                    ? Optional.empty()
                    : Optional.of(SkipReason.DICTIONARY);
        }
        if (wanted.size() > MAX_BLOOM_PROBES) {
            return Optional.empty();
        }
        return file.bloomFilter(rowGroup, leaf)
                .filter(bloom -> !wanted.any(bloom::mightContain))
                .map(_ -> SkipReason.BLOOM_FILTER);
    }

    private RowRanges pages(ParquetFile file, int rowGroup, RowGroupBounds statistics) {
        long rows = file.rowGroups().get(rowGroup).getRowCount();
        RowRanges left = RowRanges.all(rows);
        List<PageIndex> indexes = new ArrayList<>();
        for (int k = 0; k < check.keys(); k++) {
            int key = k;
            Optional<Column> range = statistics.bounds(columns.keyFieldIds().get(k));
            BoundsCheck.Wanted wanted = check.wanted(k, range);
            left = left.and(pages(
                    file,
                    rowGroup,
                    new PageTest(
                            columns.keyFieldIds().get(k),
                            index -> wanted.size() < (long) CROWDED_KEYS_PER_PAGE * index.size()
                                    || !wanted.surrounds(range),
                            values -> check.mightMatchKey(key, values)),
                    indexes));
        }
        boolean timesMatter = !check.coversTimes(statistics.bounds(columns.timestampFieldId()));
        if (timesMatter || left.rows() < rows) {
            // if times rule nothing out, their index only counts the pages that the keys skip
            left = left.and(pages(
                    file,
                    rowGroup,
                    new PageTest(columns.timestampFieldId(), _ -> timesMatter, check::mightMatchTime),
                    indexes));
        }
        for (PageIndex index : indexes) {
            count(index, left);
        }
        return left;
    }

    /// Tests the pages of one column.
    ///
    /// @param isWorthReading whether to test the pages of this index at all
    /// @param mightMatch whether a page with this range of values might match
    private record PageTest(int fieldId, Predicate<PageIndex> isWorthReading, Predicate<Column> mightMatch) {}

    /// The rows of the pages that might match; adds the index of the column to `indexes`.
    private RowRanges pages(ParquetFile file, int rowGroup, PageTest test, List<PageIndex> indexes) {
        long rows = file.rowGroups().get(rowGroup).getRowCount();
        if (!(bound.get(test.fieldId()) instanceof FileColumn.Leaf leaf)) {
            return RowRanges.all(rows);
        }
        Optional<PageIndex> found = file.pageIndex(rowGroup, leaf);
        if (found.isEmpty()) {
            return RowRanges.all(rows);
        }
        PageIndex index = found.get();
        indexes.add(index);
        if (!test.isWorthReading().test(index)) {
            return RowRanges.all(rows);
        }
        RowRanges.Builder left = new RowRanges.Builder();
        for (int page = 0; page < index.size(); page++) {
            boolean none = index.isAllNull(page)
                    || index.bounds(page)
                            .flatMap(bounds -> RowGroupBounds.range(bounds, leaf))
                            .filter(range -> !test.mightMatch().test(range))
                            .isPresent();
            if (!none) {
                left.add(index.firstRow(page), index.endRow(page));
            }
        }
        return left.build();
    }

    private void count(PageIndex index, RowRanges left) {
        long pages = 0;
        long bytes = 0;
        for (int page = 0; page < index.size(); page++) {
            if (left.next(index.firstRow(page)) >= index.endRow(page)) {
                pages++;
                bytes += index.bytes(page);
            }
        }
        skips.pages(SkipReason.PAGE_INDEX, pages, bytes);
    }
}
