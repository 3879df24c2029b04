package dev.firn.retrieval.job;

import dev.firn.config.ChangesMode;
import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.Column;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.Winners;
import dev.firn.events.RefreshKind;
import dev.firn.events.ViewOutcome;
import dev.firn.lake.Reason;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.SnapshotDifference;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.job.refresh.LeftState;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.service.result.RunState;
import dev.firn.service.spine.SpineSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a run of a standing retrieval starts from the previous one ([StartingPoint]), and what it leaves for the next
/// ([LeftState]).
///
/// Decides once per view whether the run is incremental. Whatever is missing, damaged, expired or of another definition
/// makes a view run in full, within the same attempt; so does any fault while the changes are read. For one thread.
public final class Refresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Refresh.class);

    private final Means means;
    private final Run run;
    private final List<ViewState> views = new ArrayList<>();
    private final String definition;
    private LeftState left = LeftState.none();
    private @Nullable StartingPoint from;
    private @Nullable EarlierRows earlier;
    private @Nullable RefreshedEntities entities;

    /// How runs are refreshed.
    ///
    /// @param incremental whether to start from the previous run at all, and to leave a state
    /// @param maxChangedPercent share of a view's rows or bytes beyond which it runs in full
    /// @param results the folder of this deployment's results
    /// @param changes when to write what changed
    public record Settings(boolean incremental, int maxChangedPercent, String results, ChangesMode changes) {
        public static final Settings OFF = new Settings(false, 0, "", ChangesMode.NEVER);

        /// With changes, always.
        public Settings(boolean incremental, int maxChangedPercent, String results) {
            this(incremental, maxChangedPercent, results, ChangesMode.ALWAYS);
        }
    }

    /// What a refresh works with.
    record Means(
            Catalogs catalogs, Settings settings, ColumnTasks tasks, ScanSettings scan, BooleanSupplier cancelled) {}

    /// What is refreshed.
    ///
    /// @param schema of the result
    record Run(CheckedRequest request, Pinned pinned, SpineOpening.Opened spine, Schema schema) {
        int spineColumns() {
            return spine.rows().schema().columns().size();
        }

        /// Whether it can be told which rows of the spine are new.
        boolean hasRows() {
            return switch (request.spine()) {
                case SpineSource.ParquetFiles _,
                        SpineSource.CsvFiles _,
                        SpineSource.IcebergTable _,
                        SpineSource.TimedRows _,
                        SpineSource.Ids _ -> true;
                case SpineSource.AllEntities _ ->
                    pinned.views().stream().noneMatch(view -> view.keyTypes().isEmpty());
                case SpineSource.Range _ -> false;
            };
        }

        boolean findsEntities() {
            return request.spine() instanceof SpineSource.AllEntities;
        }
    }

    /// What a run holds of winners, for each view and row of a slice.
    ///
    /// @param knownRows how many of the first rows it starts from the previous run's winners with, and so
    ///     holds those; no slice has such rows and others
    /// @param writes whether it holds its own for the next run
    /// @param percentAfresh the most rows that it looks up afresh
    record States(long knownRows, boolean writes, int percentAfresh) {
        boolean reads() {
            return knownRows > 0;
        }

        int count() {
            return (reads() ? 1 : 0) + (writes ? 1 : 0);
        }
    }

    /// What is known about one view so far.
    private static final class ViewState {
        private StartingPoint.@Nullable Snapshots snapshots;
        private String full = "";
        private long kept;
        private long replaced;
        private long lookedUp;
        private long resultBytesRead;
    }

    private Refresh(Means means, Run run) {
        this.means = means;
        this.run = run;
        run.pinned().views().forEach(_ -> views.add(new ViewState()));
        this.definition = isRun() ? RunDefinition.fingerprint(run.request(), run.pinned()) : "";
    }

    /// @param folder of the run's files
    static Refresh start(Means means, Run run, String folder) {
        Refresh refresh = new Refresh(means, run);
        if (refresh.isRun()) {
            try {
                refresh.leaveState(folder);
                refresh.findStart();
            } catch (RuntimeException e) {
                refresh.close();
                throw e;
            }
        }
        return refresh;
    }

    /// What the first slice will hold; a later one holds no more.
    States states() {
        EarlierRows rows = earlier;
        return new States(
                rows == null || !anyIncremental() ? 0 : rows.atMost(),
                left.isKept(),
                means.settings().maxChangedPercent());
    }

    private boolean anyIncremental() {
        return views.stream().anyMatch(view -> view.full.isEmpty());
    }

    private boolean isRun() {
        return run.request().request().getStandingId() != null;
    }

    private void leaveState(String folder) {
        if (means.settings().incremental() && !run.pinned().views().isEmpty() && run.hasRows()) {
            left = LeftState.in(
                    folder,
                    run.request().request().getRequestId(),
                    means.catalogs().storage(),
                    views.size(),
                    means.tasks());
        }
    }

    private void findStart() {
        try {
            StartingPoint start = StartingPoint.find(means, run, definition);
            from = start;
            earlier = new EarlierRows(start, null);
            for (int v = 0; v < views.size(); v++) {
                try {
                    views.get(v).snapshots =
                            start.snapshots(run.pinned().views().get(v));
                } catch (RuntimeException e) {
                    views.get(v).full = reason(e);
                }
            }
        } catch (RuntimeException e) {
            runInFull(e);
        }
    }

    private void runInFull(RuntimeException fault) {
        String why = reason(fault);
        views.forEach(view -> view.full = view.full.isEmpty() ? why : view.full);
    }

    /// The rows to join: those of the spine, or the entities of the previous run and those that came since.
    ///
    /// @param opened the spine's rows; none has been read yet
    SpineRows rows(SpineRows opened, CollectedKeys.Means collecting) {
        StartingPoint start = from;
        if (start == null || !anyIncremental() || !run.findsEntities()) {
            return opened;
        }
        CollectedKeys came = AllEntities.of(
                run.request(),
                run.pinned().views(),
                collecting,
                (source, sink, progress) -> streamChange(source, collecting, sink, progress));
        RefreshedEntities all = new RefreshedEntities(
                start.result(),
                came,
                opened,
                new RefreshedEntities.Limits(start.rows(), collecting.maxRows()),
                this::runInFull);
        entities = all;
        earlier = new EarlierRows(start, all);
        return all;
    }

    /// The rows of a view that came or passed into view; all of its rows if it runs in full.
    private void streamChange(
            CollectedKeys.Source source,
            CollectedKeys.Means collecting,
            Supplier<Consumer<FeatureBatch>> sink,
            ProgressSink progress) {
        ViewState view = views.get(run.pinned().views().indexOf(source.view()));
        if (view.snapshots == null || !view.full.isEmpty()) {
            CollectedKeys.streamTable(source, collecting, sink, progress);
            return;
        }
        ScanBounds times = Objects.requireNonNull(source.times());
        try (SnapshotDifference difference = SnapshotDifference.between(
                view.snapshots.tables(),
                source.columns(),
                new SnapshotDifference.Bounds(times, view.snapshots.visibleUntil()),
                means.scan(),
                means.cancelled())) {
            difference.streamCame(sink, progress);
        }
    }

    /// Whether rows that find nothing are not in the result.
    boolean leavesUnmatchedOut() {
        return entities != null;
    }

    /// Begins a slice.
    void begin(int rows) {
        EarlierRows open = earlier;
        if (open != null && anyIncremental()) {
            try {
                if (!open.begin(rows)) {
                    views.forEach(view -> view.lookedUp += view.full.isEmpty() ? rows : 0);
                }
            } catch (RuntimeException e) {
                runInFull(e);
            }
        }
    }

    /// Whether winners must know their created times.
    boolean keepsState() {
        return left.isKept();
    }

    /// What the previous run left for the view and the slice; null if it runs in full.
    ViewRefresh.@Nullable Source source(int v, List<NestedField> fields) {
        ViewState view = views.get(v);
        StartingPoint start = from;
        EarlierRows rows = earlier;
        boolean isKnown = rows != null && !rows.known().isEmpty();
        if (start == null || !isKnown || !view.full.isEmpty() || view.snapshots == null) {
            return null;
        }
        List<Integer> columns =
                fields.stream().map(field -> resultColumn(v, field)).toList();
        if (columns.contains(-1)) {
            view.full = "the result has no values of the view";
            return null;
        }
        return new ViewRefresh.Source(
                view.snapshots.tables(),
                view.snapshots.visibleUntil(),
                start.result(),
                columns,
                means.settings().maxChangedPercent());
    }

    /// The earlier winners of the slice, and where their values are.
    ViewRefresh.Slice slice(int v, List<Column> keys, SpineTime time) {
        EarlierRows rows = Objects.requireNonNull(earlier);
        return new ViewRefresh.Slice(keys, time, rows.stored(), rows.known().get(v));
    }

    private int resultColumn(int v, NestedField field) {
        var request = run.request();
        BoundView view = run.pinned().views().get(v);
        for (int f = 0; f < request.features().size(); f++) {
            var asked = request.features().get(f);
            NestedField of = asked.view() == v ? view.features().get(asked.feature()) : null;
            if (of != null && of.fieldId() == field.fieldId()) {
                return run.spineColumns() + f;
            }
        }
        boolean hasTimes = request.request().getIncludeEventTimestamps();
        return hasTimes && field.fieldId() == view.timestamp().fieldId()
                ? run.spineColumns() + request.features().size() + v
                : -1;
    }

    /// Runs an incremental step; if it fails, the view runs in full from here on. Null if it failed.
    ViewRefresh.@Nullable Refreshed attempt(int v, Supplier<ViewRefresh.Refreshed> step) {
        ViewState view = views.get(v);
        long before = resultBytesRead();
        try {
            ViewRefresh.Refreshed refreshed = step.get();
            view.kept += refreshed.kept();
            view.replaced += refreshed.replaced();
            view.lookedUp += refreshed.lookedUp();
            return refreshed;
        } catch (RuntimeException e) {
            view.full = reason(e);
            return null;
        } finally {
            view.resultBytesRead += resultBytesRead() - before;
        }
    }

    private long resultBytesRead() {
        return from == null ? 0 : from.result().bytesRead();
    }

    /// Keeps a view's winners of this slice. Views come in order.
    void keep(Winners winners) {
        left.keep(winners);
    }

    /// Ends the slice.
    ///
    /// @param rows those of the slice that the result has; empty: all
    void end(Optional<int[]> rows) {
        left.endSlice(rows);
    }

    /// The state that the run leaves; null if there is none.
    @Nullable
    RunState finish() {
        return left.finish(definition);
    }

    /// Adds how each view was refreshed, and what was read for that. The state is one file for all views; its bytes
    /// count for the first one.
    List<ViewOutcome> outcomes(List<ViewOutcome> outcomes) {
        List<ViewOutcome> all = new ArrayList<>();
        for (int v = 0; v < outcomes.size(); v++) {
            ViewState view = views.get(v);
            boolean isFull = !isRun() || !view.full.isEmpty();
            long stateBytes = v == 0 && from != null ? from.stateBytesRead() : 0;
            all.add(ViewOutcome.newBuilder(outcomes.get(v))
                    .setBytesRead(outcomes.get(v).getBytesRead() + view.resultBytesRead + stateBytes)
                    .setRefresh(isFull ? RefreshKind.FULL : RefreshKind.INCREMENTAL)
                    .setRefreshReason(view.full)
                    .setRowsKept(view.kept)
                    .setRowsReplaced(view.replaced)
                    .setRowsLookedUp(view.lookedUp)
                    .build());
        }
        return all;
    }

    /// Why a view runs in full. Too little memory is a reason too: a refresh may need more than a full run, and what it
    /// held is free again. Rethrows a cancellation.
    private String reason(RuntimeException e) {
        if (e instanceof CancellationException) {
            throw e;
        }
        if (!(e instanceof UnusableState)) {
            log.atInfo()
                    .addKeyValue("requestId", run.request().request().getRequestId())
                    .addKeyValue("fault", Reason.of(e))
                    .log("A view runs in full, because what the previous run left cannot be used");
        }
        return switch (e) {
            case UnusableState unusable -> String.valueOf(unusable.getMessage());
            case BudgetExceededException budget -> "a refresh needs more memory: " + budget.getMessage();
            default -> Reason.of(e);
        };
    }

    @Override
    public void close() {
        left.close();
        if (entities != null) {
            entities.close();
        }
        if (from != null) {
            from.close();
        }
    }
}
