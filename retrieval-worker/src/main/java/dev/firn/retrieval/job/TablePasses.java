package dev.firn.retrieval.job;

import dev.firn.engine.FeatureBatch;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.SpineIndex;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanPlanner;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.TableScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The looks of one slice through whole tables. For one thread.
///
/// Views that read the same columns of the same snapshot *share* a pass: the table is streamed once, within bounds that
/// hold those of all of them, and each batch goes to the join of each view. A join drops rows that it does not want, so
/// wider bounds never change its winners, and neither does their numbering: files keep their order. What a view makes
/// of the rows is its own: keys of the spine, TTL, delay, created times.
///
/// Views that do not fit together (see [ScanBounds#together]) have a pass of their own, as do views that read other
/// columns.
final class TablePasses implements AutoCloseable {
    private final List<BoundView> views;
    private final ScanSettings scanSettings;
    private final SliceJoin.Running running;
    private final Joins joins;
    /// Views whose join took part in the pass of an earlier view.
    private final Map<Integer, Looked> looked = new HashMap<>();
    /// Views that were left out of such a pass.
    private final Map<Integer, Join> leftOut = new HashMap<>();

    /// The joins of the slice.
    interface Joins {
        SpineIndex index(int view);

        PointInTimeJoin of(SpineIndex index);

        /// Whether the view looks through its whole table.
        boolean isWhole(int view);
    }

    private record Join(int view, SpineIndex index, PointInTimeJoin join) {}

    TablePasses(List<BoundView> views, ScanSettings scanSettings, SliceJoin.Running running, Joins joins) {
        this.views = views;
        this.scanSettings = scanSettings;
        this.running = running;
        this.joins = joins;
    }

    /// Whether the views may share a pass.
    static boolean mayShare(BoundView one, BoundView other) {
        return one.table().pin().equals(other.table().pin()) && one.columns().equals(other.columns());
    }

    /// Looks through the table of a view, and for later views that share the pass. Views come in order.
    Looked look(int view) {
        Looked known = looked.remove(view);
        if (known != null) {
            return known;
        }
        Join first = prepared(view);
        if (!hasRows(first)) {
            return nothing(first);
        }
        List<Join> together = new ArrayList<>(List.of(first));
        ScanBounds bounds = bounds(first);
        for (int other = view + 1; other < views.size(); other++) {
            if (looked.containsKey(other) || !mayShare(views.get(view), views.get(other)) || !joins.isWhole(other)) {
                continue;
            }
            Join next = prepared(other);
            Optional<ScanBounds> both = hasRows(next) ? ScanBounds.together(bounds, bounds(next)) : Optional.empty();
            if (both.isPresent()) {
                together.add(next);
                bounds = both.get();
            } else {
                leftOut.put(other, next);
            }
        }
        return pass(together, bounds);
    }

    /// Looks through the table of a view for one index alone. Its winners know their created times.
    Looked look(int view, SpineIndex index) {
        Join join = new Join(view, index, PointInTimeJoin.keepingCreated(index));
        return hasRows(join) ? pass(List.of(join), bounds(join)) : nothing(join);
    }

    private Join prepared(int view) {
        Join before = leftOut.remove(view);
        if (before != null) {
            return before;
        }
        SpineIndex index = running.times().time(Stage.SPINE, () -> joins.index(view));
        return new Join(view, index, joins.of(index));
    }

    private boolean hasRows(Join join) {
        return views.get(join.view()).table().pin().snapshotId() != null
                && join.index().groups() > 0;
    }

    private static Looked nothing(Join join) {
        return new Looked(join.join().finish(), null);
    }

    private ScanBounds bounds(Join join) {
        List<KeyOrder> orders =
                views.get(join.view()).keyTypes().stream().map(KeyCast::order).toList();
        return running.times().time(Stage.PLAN, () -> ScanBounds.of(join.index(), orders));
    }

    /// Returns the look of the first view.
    private Looked pass(List<Join> together, ScanBounds bounds) {
        BoundView first = views.get(together.getFirst().view());
        Cancellation cancellation = running.task().cancellation();
        ScanPlan plan = running.times()
                .time(
                        Stage.PLAN,
                        () -> new ScanPlanner(scanSettings, cancellation::isCancelled)
                                .plan(first.table(), first.columns(), bounds));
        TableScan scan = new TableScan(first.table(), plan, scanSettings);
        TablePass pass = new TablePass(scan, together.size());
        try {
            return running.times().time(Stage.JOIN, () -> {
                scan.stream(first.columns(), () -> probes(together), cancellation::isCancelled, progress(first));
                for (Join later : together.subList(1, together.size())) {
                    looked.put(later.view(), new Looked(later.join().finish(), pass));
                }
                return new Looked(together.getFirst().join().finish(), pass);
            });
        } catch (RuntimeException | Error e) {
            together.forEach(join -> looked.remove(join.view()));
            scan.close();
            throw e;
        }
    }

    /// For one thread.
    private static Consumer<FeatureBatch> probes(List<Join> together) {
        List<PointInTimeJoin.Probe> probes =
                together.stream().map(join -> join.join().probe()).toList();
        return batch -> probes.forEach(probe -> probe.accept(batch));
    }

    private ProgressSink progress(BoundView view) {
        return (done, files, _) ->
                running.task().progress().report(Stage.JOIN, view.use().name(), done, files, "files");
    }

    /// Ends the passes that a view was going to use.
    @Override
    public void close() {
        looked.values().forEach(Looked::close);
        looked.clear();
    }
}
