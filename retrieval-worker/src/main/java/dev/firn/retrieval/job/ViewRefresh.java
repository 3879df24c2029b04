package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.DistinctWinners;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.KnownWinners;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.RefreshVerdicts;
import dev.firn.engine.SameWinners;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.WinnerRefresh;
import dev.firn.engine.Winners;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.scan.GatherSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanCounts;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.SnapshotDifference;
import dev.firn.lake.scan.TableScan;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.retrieval.job.values.GatheredValues;
import dev.firn.retrieval.job.values.ValueMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Joins slices of a spine with one view from what the previous run left and from what changed in the table since.
/// [WinnerRefresh] says by which rules. The result is, row for row, that of a look through the whole table.
///
/// If most of the table's files have rows that are gone, it costs less to look all rows up in the whole table
/// than to find out which ones must be. Only the values of winners that changed are read then
/// ([SameWinners]).
///
/// Values come from three places, and in this order they are numbered: those of rows that stay, from the previous
/// result; those of rows that came, from their files; those of rows that were looked up afresh, from the whole table.
///
/// For one thread.
final class ViewRefresh {
    private static final int PERCENT = 100;

    private final BoundView view;
    private final Source source;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;
    private final Lookup lookup;

    /// What the previous run left for this view.
    ///
    /// @param snapshots of the view's table, then and now
    /// @param visibleUntil the latest event time that could be seen then, if "now" moved
    /// @param result the previous result
    /// @param columns for each gathered field, its column of the result
    /// @param maxChangedPercent the share of rows or bytes beyond which a look through the whole table is cheaper
    record Source(
            SnapshotDifference.Snapshots snapshots,
            @Nullable Long visibleUntil,
            StoredColumns result,
            List<Integer> columns,
            int maxChangedPercent) {
        Source {
            columns = List.copyOf(columns);
        }
    }

    /// Some rows of the spine.
    ///
    /// @param stored the place in the previous result of a row that had a winner
    record Slice(List<Column> keys, SpineTime time, IntToLongFunction stored, KnownWinners known) {}

    /// Looks rows up in the whole table.
    interface Lookup {
        Looked look(List<Column> keys, SpineTime time, SpineIndex index);

        SpineIndex index(List<Column> keys, SpineTime time);
    }

    /// What was found.
    ///
    /// @param equal rows that have the values of the previous result, if any
    record Refreshed(
            Winners winners,
            GatheredValues values,
            List<ScanCounts> counts,
            int kept,
            int replaced,
            int lookedUp,
            BitSet equal) {}

    ViewRefresh(BoundView view, Source source, ScanSettings settings, BooleanSupplier cancelled, Lookup lookup) {
        this.view = view;
        this.source = source;
        this.settings = settings;
        this.cancelled = cancelled;
        this.lookup = lookup;
    }

    /// @param fields to gather
    /// @throws UnusableState if too much changed, or it cannot be told what
    Refreshed join(Slice slice, List<NestedField> fields, ValueMemory.Share memory, ColumnTasks tasks) {
        SpineIndex index = lookup.index(slice.keys(), slice.time());
        List<KeyOrder> orders = view.keyTypes().stream().map(KeyCast::order).toList();
        SnapshotDifference.Bounds bounds =
                new SnapshotDifference.Bounds(ScanBounds.of(index, orders), source.visibleUntil());
        try (SnapshotDifference difference =
                SnapshotDifference.between(source.snapshots(), view.columns(), bounds, settings, cancelled)) {
            difference.obstacle().ifPresent(why -> {
                throw new UnusableState(why);
            });
            requireFew("bytes", difference.bytesToRead(), difference.bytesOfTable());
            Target target = new Target(fields, memory, tasks);
            return difference.isMostlyGone()
                    ? joinAnew(slice, index, difference, target)
                    : joinChange(slice, index, difference, target);
        }
    }

    /// Where the values go.
    private record Target(List<NestedField> fields, ValueMemory.Share memory, ColumnTasks tasks) {}

    /// Looks up only the rows that the change leaves undecided.
    private Refreshed joinChange(Slice slice, SpineIndex index, SnapshotDifference difference, Target target) {
        RefreshVerdicts verdicts = verdicts(index, slice.known(), difference);
        int[] afresh = verdicts.afresh();
        requireFew("rows", afresh.length, index.rows());
        List<Column> keys = slice.keys().stream().map(key -> key.take(afresh)).toList();
        SpineTime time =
                new SpineTime(slice.time().instants().take(afresh), slice.time().scale());
        try (Looked looked = lookup.look(keys, time, lookup.index(keys, time))) {
            Found found = new Found(
                    verdicts.kept(),
                    new Read(verdicts.replaced(), verdicts.distinctCame(), difference.came()),
                    new Read(afresh, looked.winners().distinct(), looked.scan()));
            return new Refreshed(
                    verdicts.winners(looked.winners()),
                    values(slice, target, found),
                    counts(difference, looked),
                    verdicts.kept().length,
                    verdicts.replaced().length,
                    afresh.length,
                    equal(found, slice.known()));
        }
    }

    /// Looks up all rows, because finding out what is gone would cost about as much. Values of winners that stay are
    /// still those of the previous result.
    private Refreshed joinAnew(Slice slice, SpineIndex index, SnapshotDifference difference, Target target) {
        Winners came = came(index, difference);
        try (Looked looked = lookup.look(slice.keys(), slice.time(), index)) {
            Winners winners = looked.winners();
            SameWinners same = new SameWinners(slice.known(), winners, came);
            Found found = new Found(
                    same.kept(),
                    new Read(new int[0], came.distinct(new int[0]), null),
                    new Read(same.others(), winners.distinct(same.others()), looked.scan()));
            return new Refreshed(
                    winners,
                    values(slice, target, found),
                    counts(difference, looked),
                    same.kept().length,
                    same.replaced(),
                    same.others().length - same.replaced(),
                    equal(found, slice.known()));
        }
    }

    private static List<ScanCounts> counts(SnapshotDifference difference, Looked looked) {
        List<ScanCounts> counts = new ArrayList<>(difference.counts());
        if (looked.scan() != null) {
            counts.add(looked.scan().counts());
        }
        return counts;
    }

    /// The rows whose winner stays, and those that had none and have none.
    private static BitSet equal(Found found, KnownWinners known) {
        BitSet equal = new BitSet(known.size());
        for (int row = 0; row < known.size(); row++) {
            equal.set(row, !known.isFound(row));
        }
        IntStream.of(found.came.rows).forEach(equal::clear);
        IntStream.of(found.looked.rows).forEach(equal::clear);
        IntStream.of(found.kept).forEach(equal::set);
        return equal;
    }

    private void requireFew(String what, long changed, long all) {
        if (changed > all / (double) PERCENT * source.maxChangedPercent()) {
            throw new UnusableState(
                    "more than %d %% of the %s would be read again, see firn.refresh.max-changed-percent"
                            .formatted(source.maxChangedPercent(), what));
        }
    }

    private RefreshVerdicts verdicts(SpineIndex index, KnownWinners known, SnapshotDifference difference) {
        WinnerRefresh refresh = new WinnerRefresh(index, known);
        difference.streamGone(() -> refresh.gone()::accept, (_, _, _) -> {});
        difference.streamPossiblyGone(refresh::possiblyGone);
        difference.streamAllGone(refresh::allGone);
        return refresh.decide(came(index, difference), difference.movedRows());
    }

    private static Winners came(SpineIndex index, SnapshotDifference difference) {
        PointInTimeJoin join = PointInTimeJoin.keepingCreated(index);
        difference.streamCame(() -> join.probe()::accept, (_, _, _) -> {});
        return join.finish();
    }

    /// Where the winners of the rows are.
    private static final class Found {
        private final int[] kept;
        private final Read came;
        private final Read looked;

        /// @param kept rows whose winner is that of the previous result
        /// @param came rows that a row that came wins
        /// @param looked rows that were looked up in the whole table
        Found(int[] kept, Read came, Read looked) {
            this.kept = kept;
            this.came = came;
            this.looked = looked;
        }
    }

    /// Rows whose values are read from files.
    private static final class Read {
        private final int[] rows;
        private final DistinctWinners winners;
        private final @Nullable TableScan scan;

        /// @param winners of the rows
        /// @param scan null if there is nothing to read
        Read(int[] rows, DistinctWinners winners, @Nullable TableScan scan) {
            this.rows = rows;
            this.winners = winners;
            this.scan = scan;
        }

        int count() {
            return winners.addresses().length;
        }
    }

    private GatheredValues values(Slice slice, Target target, Found found) {
        int[] kept = found.kept;
        int firstCame = kept.length;
        int firstLooked = firstCame + found.came.count();
        int[] order = new int[slice.known().size()];
        Arrays.fill(order, -1);
        for (int i = 0; i < kept.length; i++) {
            order[kept[i]] = i;
        }
        number(found.came, firstCame, order);
        number(found.looked, firstLooked, order);
        GatheredValues values = new GatheredValues(
                target.fields(), order, firstLooked + found.looked.count(), target.memory(), target.tasks());
        try {
            long[] rows = Arrays.stream(kept).mapToLong(slice.stored()).toArray();
            source.result().gather(rows, source.columns(), values);
            List<Integer> ids =
                    target.fields().stream().map(NestedField::fieldId).toList();
            gather(found.came, ids, values, firstCame);
            gather(found.looked, ids, values, firstLooked);
            values.finish();
            return values;
        } catch (RuntimeException | Error e) {
            values.close();
            throw e;
        }
    }

    private static void number(Read read, int first, int[] order) {
        for (int i = 0; i < read.rows.length; i++) {
            int winner = read.winners.takeOrder()[i];
            order[read.rows[i]] = winner < 0 ? -1 : first + winner;
        }
    }

    private void gather(Read read, List<Integer> ids, GatherSink values, int first) {
        TableScan scan = read.scan;
        if (scan != null) {
            scan.gather(read.winners.addresses(), ids, cancelled, (at, part) -> values.accept(first + at, part));
        }
    }
}
