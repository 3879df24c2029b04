package dev.firn.retrieval.job;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.KnownWinners;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.Winners;
import dev.firn.events.PreviousRun;
import dev.firn.events.RefreshKind;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewPin;
import dev.firn.lake.Reason;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.scan.Compactions;
import dev.firn.lake.scan.PassedOver;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.SnapshotDifference;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.job.refresh.EarlierRun;
import dev.firn.retrieval.job.refresh.StateFile;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.service.result.RunState;
import dev.firn.service.spine.SpineSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a run of a standing retrieval starts from the previous one, and what it leaves for the next.
///
/// Decides once per view whether the run is incremental. Whatever is missing, damaged, expired or of another definition
/// makes a view run in full, within the same attempt; so does any fault while the changes are read. For one thread.
public final class Refresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Refresh.class);

    private final Means means;
    private final Run run;
    private final List<ViewState> views = new ArrayList<>();
    private final String definition;
    private StateFile.@Nullable Writer writer;
    private StateFile.@Nullable Reader reader;
    private @Nullable StoredColumns result;
    private @Nullable RunState state;
    private List<KnownWinners> known = List.of();
    private final List<KnownWinners> left = new ArrayList<>();
    private long firstRow;
    private int rows;

    /// How runs are refreshed.
    ///
    /// @param incremental whether to start from the previous run at all, and to leave a state
    /// @param maxChangedPercent share of a view's rows or bytes beyond which it runs in full
    /// @param results the folder of this deployment's results
    public record Settings(boolean incremental, int maxChangedPercent, String results) {
        public static final Settings OFF = new Settings(false, 0, "");
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
    }

    /// What a run holds of winners, for each view and row of a slice.
    ///
    /// @param reads whether it holds those of the previous run, and starts from them
    /// @param writes whether it holds its own for the next run
    /// @param percentAfresh the most rows that it looks up afresh
    record States(boolean reads, boolean writes, int percentAfresh) {
        int count() {
            return (reads ? 1 : 0) + (writes ? 1 : 0);
        }
    }

    /// What is known about one view so far.
    private static final class ViewState {
        private SnapshotDifference.@Nullable Snapshots snapshots;
        private @Nullable Long visibleUntil;
        private String full = "";
        private long kept;
        private long replaced;
        private long lookedUp;
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
                refresh.keepState(folder);
                refresh.findPrevious();
            } catch (RuntimeException e) {
                refresh.close();
                throw e;
            }
        }
        return refresh;
    }

    /// What the first slice will hold; a later one holds no more.
    States states() {
        return new States(startsFromPrevious(), keepsState(), means.settings().maxChangedPercent());
    }

    private boolean startsFromPrevious() {
        return reader != null && views.stream().anyMatch(view -> view.full.isEmpty());
    }

    private boolean isRun() {
        return run.request().request().getStandingId() != null;
    }

    private void keepState(String folder) {
        if (means.settings().incremental() && !run.pinned().views().isEmpty() && hasRows()) {
            writing(() -> writer = new StateFile.Writer(
                    means.catalogs().storage(), RunState.location(folder), views.size(), means.tasks()));
        }
    }

    /// Whether the spine's rows are given, and not found in the tables.
    private boolean hasRows() {
        return switch (run.request().spine()) {
            case SpineSource.ParquetFiles _,
                    SpineSource.CsvFiles _,
                    SpineSource.IcebergTable _,
                    SpineSource.TimedRows _,
                    SpineSource.Ids _ -> true;
            case SpineSource.AllEntities _, SpineSource.Range _ -> false;
        };
    }

    private void findPrevious() {
        try {
            PreviousRun previous = run.request().request().getPreviousRun();
            if (!means.settings().incremental()) {
                throw new UnusableState("firn.refresh.incremental is off");
            } else if (!hasRows()) {
                throw new UnusableState("its rows are found in the tables, not given");
            } else if (previous == null) {
                throw new UnusableState("there is no successful run before it");
            }
            open(EarlierRun.read(means.catalogs().storage(), means.settings().results(), previous, definition));
        } catch (RuntimeException e) {
            String why = reason(e);
            views.forEach(view -> view.full = why);
        }
    }

    private void open(EarlierRun earlier) {
        requireSameSpine(earlier);
        var storage = means.catalogs().storage();
        reader = new StateFile.Reader(storage, earlier.state(), views.size(), means.tasks());
        result = new StoredColumns(storage, earlier.files(), run.schema(), means.tasks());
        for (int v = 0; v < views.size(); v++) {
            try {
                open(v, earlier);
            } catch (RuntimeException e) {
                views.get(v).full = reason(e);
            }
        }
    }

    private void requireSameSpine(EarlierRun earlier) {
        PinnedTable table = run.pinned().spineTable();
        boolean same = earlier.pins().getSpineEtags().equals(run.spine().etags())
                && Objects.equals(
                        earlier.pins().getSpineSnapshotId(),
                        table == null ? null : table.pin().snapshotId());
        if (!same) {
            throw new UnusableState("its rows changed");
        }
        if (run.request().asOf().isBefore(earlier.pins().getAsOf())) {
            throw new UnusableState("its time went back");
        }
    }

    private void open(int v, EarlierRun earlier) {
        BoundView view = run.pinned().views().get(v);
        ViewPin pin = earlier.pins().getViews().stream()
                .filter(one -> one.getAlias().equals(view.use().name()))
                .findFirst()
                .orElseThrow(() -> new UnusableState("the previous run has no pin of the view"));
        LakeTable table = Objects.requireNonNull(
                run.pinned().tables().get(view.table().pin().table()));
        PinnedTable then = means.catalogs()
                .open(
                        table,
                        new SnapshotPin(
                                table.name(),
                                pin.getTableUuid(),
                                pin.getSnapshotId(),
                                pin.getSchemaId(),
                                pin.getMetadataLocation()));
        if (TableUtil.formatVersion(view.table().iceberg()) < 2 || TableUtil.formatVersion(then.iceberg()) < 2) {
            throw new UnusableState("a table of format version 1 has no sequence numbers");
        }
        ViewState state = views.get(v);
        state.visibleUntil = visibleUntil(view, earlier);
        PassedOver passedOver = Compactions.between(table, then, view.table(), means.scan(), means.cancelled());
        state.snapshots = new SnapshotDifference.Snapshots(then, view.table(), passedOver);
    }

    /// The latest event time that could be seen then; null if the rows have times of their own, or T did not move.
    private @Nullable Long visibleUntil(BoundView view, EarlierRun earlier) {
        if (run.spine().timestamp() >= 0
                || earlier.pins().getAsOf().equals(run.request().asOf())) {
            return null;
        }
        boolean filters = run.request().request().getFilterByCreated();
        if (filters) {
            throw new UnusableState("'now' moved, and created times filter");
        }
        TimeBounds then =
                SliceJoin.timeBounds(view, SpineTime.constant(earlier.pins().getAsOf(), 1), filters);
        return then.nulls().isNull(0) ? (Long) Long.MIN_VALUE : (Long) then.latest()[0];
    }

    /// Begins a slice.
    void begin(int sliceRows) {
        rows = sliceRows;
        left.clear();
        known = List.of();
        StateFile.Reader open = reader;
        if (open != null && startsFromPrevious()) {
            try {
                known = open.next(sliceRows);
            } catch (RuntimeException e) {
                String why = reason(e);
                views.forEach(view -> view.full = view.full.isEmpty() ? why : view.full);
            }
        }
    }

    /// Whether winners must know their created times.
    boolean keepsState() {
        return writer != null;
    }

    /// What the previous run left for the view; null if it runs in full.
    ViewRefresh.@Nullable Source source(int v, List<NestedField> fields) {
        ViewState view = views.get(v);
        if (!isRun() || !view.full.isEmpty() || view.snapshots == null || result == null) {
            return null;
        }
        List<Integer> columns =
                fields.stream().map(field -> resultColumn(v, field)).toList();
        if (columns.contains(-1)) {
            view.full = "the result has no values of the view";
            return null;
        }
        return new ViewRefresh.Source(
                view.snapshots,
                view.visibleUntil,
                result,
                columns,
                means.settings().maxChangedPercent());
    }

    /// The earlier winners of the slice, and the number of its first row.
    ViewRefresh.Slice slice(int v, List<dev.firn.engine.Column> keys, SpineTime time) {
        return new ViewRefresh.Slice(keys, time, firstRow, known.get(v));
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
        try {
            ViewRefresh.Refreshed refreshed = step.get();
            view.kept += refreshed.kept();
            view.replaced += refreshed.replaced();
            view.lookedUp += refreshed.lookedUp();
            return refreshed;
        } catch (RuntimeException e) {
            view.full = reason(e);
            return null;
        }
    }

    /// Keeps a view's winners of this slice. Views come in order.
    void keep(Winners winners) {
        if (writer != null) {
            left.add(KnownWinners.of(winners));
        }
    }

    /// Ends the slice.
    void end() {
        StateFile.Writer open = writer;
        if (open != null) {
            writing(() -> open.write(left));
        }
        firstRow += rows;
    }

    /// Without a state the next run is a full one. That is no reason to fail this run.
    private void writing(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            String why = reason(e);
            log.atWarn()
                    .addKeyValue("requestId", run.request().request().getRequestId())
                    .addKeyValue("fault", why)
                    .log("A run leaves no state, because it could not be written; the next run is a full one");
            closeWriter();
        }
    }

    private void closeWriter() {
        StateFile.Writer open = writer;
        writer = null;
        if (open != null) {
            try {
                open.close();
            } catch (RuntimeException e) {
                log.atDebug().setCause(e).log("An unfinished state could not be closed");
            }
        }
    }

    /// The state that the run leaves; null if it is not a run.
    @Nullable
    RunState finish() {
        StateFile.Writer open = writer;
        if (open != null) {
            writing(() -> state = open.finish(definition));
        }
        return state;
    }

    /// Adds how each view was refreshed.
    List<ViewOutcome> outcomes(List<ViewOutcome> outcomes) {
        List<ViewOutcome> all = new ArrayList<>();
        for (int v = 0; v < outcomes.size(); v++) {
            ViewState view = views.get(v);
            boolean isFull = !isRun() || !view.full.isEmpty();
            all.add(ViewOutcome.newBuilder(outcomes.get(v))
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
        closeWriter();
        if (reader != null) {
            reader.close();
        }
        if (result != null) {
            result.close();
        }
    }
}
