package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.Winners;
import dev.firn.events.ViewOutcome;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanPlanner;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.TableScan;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.retrieval.job.SpineOpening.KeySource;
import dev.firn.retrieval.spine.Columns;
import dev.firn.retrieval.spine.RowChunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Joins slices of a spine with every view, one view after the other, and writes the rows that come out. For
/// one thread.
final class SliceJoin {
    /// Rows that are put together and written at once: at most, and what they may take if that is fewer.
    private static final int WRITE_ROWS = 1 << 16;

    private static final long WRITE_BYTES = 16L << 20;
    private static final int LEAST_WRITE_ROWS = 1 << 10;

    private final CheckedRequest request;
    private final List<BoundView> views;
    private final SpineOpening.Opened spine;
    private final ScanSettings scanSettings;
    private final Retrieval.Task task;
    private final StageTimes times;
    private final List<ViewTally> tallies = new ArrayList<>();

    SliceJoin(
            CheckedRequest request,
            List<BoundView> views,
            SpineOpening.Opened spine,
            ScanSettings scanSettings,
            Retrieval.Task task,
            StageTimes times) {
        this.request = request;
        this.views = views;
        this.spine = spine;
        this.scanSettings = scanSettings;
        this.task = task;
        this.times = times;
        views.forEach(view -> tallies.add(new ViewTally(view)));
    }

    List<ViewOutcome> outcomes() {
        return tallies.stream().map(ViewTally::outcome).toList();
    }

    /// What one view found for a slice: the gathered columns, a row per distinct winner, and for each spine row
    /// the row there, -1 without a winner.
    private static final class Found {
        private final List<Integer> fieldIds;
        private final List<Column> values;
        private final int[] order;

        Found(List<Integer> fieldIds, List<Column> values, int[] order) {
            this.fieldIds = fieldIds;
            this.values = values;
            this.order = order;
        }

        long bytesPerRow() {
            long bytes = 0;
            for (Column column : values) {
                bytes += Columns.bytes(column);
            }
            return values.isEmpty() || values.getFirst().size() == 0
                    ? 0
                    : bytes / values.getFirst().size();
        }

        Column column(int fieldId, int from, int to) {
            return values.get(fieldIds.indexOf(fieldId)).take(Arrays.copyOfRange(order, from, to));
        }
    }

    void join(RowChunk slice, ResultFiles files) {
        List<Found> found = new ArrayList<>();
        SpineTime time = time(slice);
        for (int v = 0; v < views.size(); v++) {
            task.cancellation().check();
            found.add(join(slice, time, v));
        }
        times.time(Stage.WRITE, () -> {
            write(slice, found, files);
            return files;
        });
    }

    private SpineTime time(RowChunk slice) {
        if (spine.timestamp() < 0) {
            return SpineTime.constant(request.asOf(), slice.rows());
        }
        NestedField field = spine.rows().schema().columns().get(spine.timestamp());
        return SpineTime.of(slice.columns().get(spine.timestamp()), field.type(), spine.zone());
    }

    private Found join(RowChunk slice, SpineTime time, int v) {
        BoundView view = views.get(v);
        List<Integer> fieldIds = gathered(view, v);
        Streamed streamed = stream(slice, time, v);
        Winners winners = streamed.winners();
        TableScan scan = streamed.scan();
        tallies.get(v).add(winners, time);
        if (scan == null) {
            return new Found(fieldIds, empty(view, fieldIds), winners.takeOrder());
        }
        task.cancellation().check();
        task.progress().report(Stage.GATHER, view.use().name(), 0, winners.matched(), "rows");
        List<Column> values = times.time(Stage.GATHER, () -> scan.gather(winners.distinctAddresses(), fieldIds));
        tallies.get(v).add(scan.counts());
        return new Found(fieldIds, values, winners.takeOrder());
    }

    /// @param scan null where there is nothing to read
    private record Streamed(Winners winners, @Nullable TableScan scan) {}

    /// The index and the join are of no use once the winners are known, and end with this method.
    private Streamed stream(RowChunk slice, SpineTime time, int v) {
        BoundView view = views.get(v);
        SpineIndex index = times.time(Stage.SPINE, () -> SpineIndex.of(keys(slice, v), bounds(view, time)));
        PointInTimeJoin join = new PointInTimeJoin(index);
        if (view.table().pin().snapshotId() == null || index.groups() == 0) {
            return new Streamed(join.finish(), null);
        }
        ScanPlan plan = times.time(Stage.PLAN, () -> {
            List<KeyOrder> orders = view.keyTypes().stream().map(KeyCast::order).toList();
            return new ScanPlanner().plan(view.table(), view.columns(), ScanBounds.of(index, orders));
        });
        TableScan scan = new TableScan(view.table(), plan, scanSettings);
        Winners winners = times.time(Stage.JOIN, () -> {
            scan.stream(
                    view.columns(),
                    () -> join.probe()::accept,
                    task.cancellation()::isCancelled,
                    progress(Stage.JOIN, view));
            return join.finish();
        });
        return new Streamed(winners, scan);
    }

    private ProgressSink progress(Stage stage, BoundView view) {
        return (done, files, _) -> task.progress().report(stage, view.use().name(), done, files, "files");
    }

    private List<Column> keys(RowChunk slice, int v) {
        List<Column> keys = new ArrayList<>();
        for (KeySource key : spine.keys().get(v)) {
            keys.add(key.cast().apply(slice.columns().get(key.column())));
        }
        return keys;
    }

    private TimeBounds bounds(BoundView view, SpineTime time) {
        return timeBounds(view, time, request.request().getFilterByCreated());
    }

    static TimeBounds timeBounds(BoundView view, SpineTime time, boolean filterByCreated) {
        return TimeConversion.bounds(
                time.instants().values(),
                time.scale(),
                time.instants().nulls(),
                view.scale(),
                filterByCreated ? view.createdScale() : null,
                view.use().definition().getTtlMicros(),
                view.use().definition().getAvailableAfterMicros());
    }

    /// The fields asked for, each once, and the event timestamp if that is an extra.
    private List<Integer> gathered(BoundView view, int v) {
        TreeSet<Integer> ids = new TreeSet<>();
        view.features().values().forEach(field -> ids.add(field.fieldId()));
        if (request.request().getIncludeEventTimestamps()) {
            ids.add(view.timestamp().fieldId());
        }
        if (ids.isEmpty()) {
            throw new IllegalStateException("view " + v + " is used without a feature");
        }
        return List.copyOf(ids);
    }

    private static List<Column> empty(BoundView view, List<Integer> fieldIds) {
        return fieldIds.stream()
                .map(id -> Columns.nulls(view.table().schema().findType(id), 0))
                .toList();
    }

    private void write(RowChunk slice, List<Found> found, ResultFiles files) {
        int step = (int) Math.max(
                LEAST_WRITE_ROWS, Math.min(WRITE_ROWS, WRITE_BYTES / Math.max(1, rowBytes(slice, found))));
        for (int first = 0; first < slice.rows(); first += step) {
            task.cancellation().check();
            int from = first;
            int to = Math.min(slice.rows(), from + step);
            files.write(i -> column(slice, found, i, from, to), to - from);
            task.progress().report(Stage.WRITE, "", files.rows(), 0, "rows");
        }
    }

    /// Of a row of the result, on average.
    private static long rowBytes(RowChunk slice, List<Found> found) {
        long bytes = slice.bytes() / Math.max(1, slice.rows());
        for (Found view : found) {
            bytes += view.bytesPerRow();
        }
        return bytes;
    }

    /// The result's columns are those of the spine, the features as asked for, the extras.
    private Column column(RowChunk slice, List<Found> found, int index, int from, int to) {
        if (index < slice.columns().size()) {
            Column column = slice.columns().get(index);
            return from == 0 && to == slice.rows() ? column : column.take(Columns.range(from, to));
        }
        int asked = index - slice.columns().size();
        if (asked < request.features().size()) {
            AskedFeature feature = request.features().get(asked);
            NestedField field = views.get(feature.view()).features().get(feature.feature());
            if (field == null) {
                throw new IllegalStateException("feature " + feature.reference() + " was not bound");
            }
            return found.get(feature.view()).column(field.fieldId(), from, to);
        }
        int view = asked - request.features().size();
        return found.get(view).column(views.get(view).timestamp().fieldId(), from, to);
    }
}
