package dev.firn.retrieval.job;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RunChanges;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewPin;
import dev.firn.events.Violation;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.SnapshotPin;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.WholeTable;
import dev.firn.lake.storage.ReadCancellation;
import dev.firn.retrieval.job.Pinning.Pinned;
import dev.firn.retrieval.spine.SpineFault;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.schemas.Code;
import dev.firn.service.result.RunState;
import dev.firn.service.spine.SpineSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// Runs one attempt of a retrieval from its request to its files, without a broker: checks the request, pins every
/// table, opens the spine, joins slice by slice, and writes. Thread-safe; runs do not affect each other.
///
/// Every mistake that can be found without reading data is reported before any data is read. Nothing is decided here:
/// another attempt may win, and these files are then deleted.
public final class Retrieval {
    private final Catalogs catalogs;
    private final MemoryBudget budget;
    private final Settings settings;

    /// @param rowsPerFile maximum number of rows of a Parquet file
    /// @param retainFor how long tags keep the snapshots of requests with `retain`; null keeps them until someone
    ///     removes the tags
    /// @param memoryWait how long a run waits for memory that other jobs hold
    /// @param storedRows the only folder that stored rows are read from; empty: none are
    /// @param refresh how runs of standing retrievals start from their predecessors
    /// @param namespace of the deployment, which owns target tables
    public record Settings(
            RetrievalLimits limits,
            int rowsPerFile,
            ScanSettings scan,
            @Nullable Duration retainFor,
            Duration memoryWait,
            String storedRows,
            Refresh.Settings refresh,
            String namespace) {
        public Settings(RetrievalLimits limits, int rowsPerFile, ScanSettings scan, Duration memoryWait) {
            this(limits, rowsPerFile, scan, null, memoryWait, "", Refresh.Settings.OFF, "");
        }
    }

    /// One attempt.
    ///
    /// @param now log-append time of the request's record
    /// @param pinned the pins of the manifest that the request names; null if it names none
    /// @param folder folder for the attempt's files
    public record Task(
            RetrievalRequest request,
            Instant now,
            Views views,
            @Nullable Pins pinned,
            String folder,
            Cancellation cancellation,
            Progress progress) {}

    public Retrieval(Catalogs catalogs, MemoryBudget budget, Settings settings) {
        this.catalogs = catalogs;
        this.budget = budget;
        this.settings = new Settings(
                settings.limits(),
                settings.rowsPerFile(),
                settings.scan().withBudget(budget),
                settings.retainFor(),
                settings.memoryWait(),
                settings.storedRows(),
                settings.refresh(),
                settings.namespace());
    }

    /// @throws RetrievalRejected if the request cannot be answered as it is
    /// @throws dev.firn.lake.LakeOutage if a catalog or the store does not answer
    /// @throws java.util.concurrent.CancellationException within a second of its cancellation, whatever it
    ///     waits for
    public Completed run(Task task) {
        Cancellation cancellation = task.cancellation();
        return LeavableWork.run(
                cancellation, () -> ReadCancellation.heeding(cancellation::isCancelled, () -> attempt(task)));
    }

    private Completed attempt(Task task) {
        try {
            return new Execution(task).run();
        } catch (LakeRejection rejection) {
            throw RetrievalRejected.of(rejection, "");
        } catch (SpineFault fault) {
            throw new RetrievalRejected(fault.code(), fault.field(), String.valueOf(fault.getMessage()));
        }
    }

    private final class Execution {
        private final Task task;
        private final StageTimes times = new StageTimes();

        Execution(Task task) {
            this.task = task;
        }

        Completed run() {
            enter(Stage.RESOLVE);
            CheckedRequest request = times.time(
                    Stage.RESOLVE,
                    () -> RequestCheck.check(
                            task.request(), task.views(), pins(), task.now(), settings.limits(), task.cancellation()));
            ResultWarnings warnings = new ResultWarnings(request);
            enter(Stage.PIN);
            Pinned pinned = times.time(Stage.PIN, () -> pinned(request));
            enter(Stage.SPINE);
            SpineOpening.Opened spine = times.time(Stage.SPINE, () -> openSpine(request, pinned));
            try (SpineRows rows = spine.rows();
                    ResultFiles files = new ResultFiles(
                            catalogs.storage(),
                            task.folder(),
                            fitting(OutputSchema.of(request, pinned.views(), rows.schema()), pinned),
                            settings.rowsPerFile(),
                            settings.scan().threads());
                    Refresh refresh = times.time(
                            Stage.PLAN,
                            () -> Refresh.start(
                                    means(files),
                                    new Refresh.Run(request, pinned, spine, files.schema()),
                                    task.folder()));
                    Changes changes = times.time(
                            Stage.PLAN,
                            () -> Changes.start(new Changes.Run(
                                    means(files),
                                    new Refresh.Run(request, pinned, spine, files.schema()),
                                    settings.rowsPerFile(),
                                    task.folder())));
                    SliceReader slices = new SliceReader(
                            refresh.rows(rows, collecting()),
                            pinned.views(),
                            request,
                            settings.limits().maxSpineRows(),
                            new SliceReader.Memory(budget, settings.memoryWait(), refresh.states()),
                            task.cancellation())) {
                SliceJoin join = new SliceJoin(
                        request,
                        pinned.views(),
                        spine,
                        settings.scan(),
                        new SliceJoin.Running(task, times, budget.bytes()),
                        new SliceJoin.Since(refresh, changes));
                boolean isFirst = true;
                for (var slice = nextSlice(slices); slice != null; slice = nextSlice(slices)) {
                    if (isFirst) {
                        warnings.addNumbersAsText(spine, slice);
                        isFirst = false;
                    }
                    join.join(slice, slices.valueMemory(), files);
                }
                Written written =
                        times.time(Stage.WRITE, () -> new Written(files.finish(), refresh.finish(), changes.finish()));
                SpineFiles.checkUnchanged(catalogs.storage(), spine);
                warnings.addNotYet(pinned.views());
                join.warn(warnings);
                warnings.addTies(
                        pinned.views(), join.outcomes(), settings.limits().tiesWarningPercent());
                return completed(new Parts(request, pinned, spine), files, written, join.outcomes(), warnings.all());
            }
        }

        private Refresh.Means means(ResultFiles files) {
            return new Refresh.Means(
                    catalogs, settings.refresh(), files.tasks(), settings.scan(), task.cancellation()::isCancelled);
        }

        private Schema fitting(Schema result, Pinned pinned) {
            TargetCheck.requireFits(pinned, result);
            return withinLimit(result);
        }

        private Schema withinLimit(Schema result) {
            int columns = result.columns().size();
            if (columns > settings.limits().maxColumns()) {
                throw new RetrievalRejected(
                        Code.LIMIT_EXCEEDED,
                        "spine.columns",
                        "The result would have %d columns; the limit is %d. Name the spine's columns to keep in 'columns'."
                                .formatted(columns, settings.limits().maxColumns()));
            }
            return result;
        }

        private Pinned pinned(CheckedRequest request) {
            Pinned pinned = Pinning.take(catalogs, request, settings.namespace());
            Retention.keep(task.request(), pinned, catalogs, task.now(), settings.retainFor());
            return pinned;
        }

        private @Nullable Pins pins() {
            if (task.pinned() != null && task.request().getPins() != null) {
                throw new RetrievalRejected(
                        Code.PINS_INVALID,
                        "pins_location",
                        "The request has both pins and pins_location; give only one.");
            }
            return task.pinned() == null ? task.request().getPins() : task.pinned();
        }

        private void enter(Stage stage) {
            task.cancellation().check();
            task.progress().report(stage, "", 0, 0, "");
        }

        private SpineOpening.Opened openSpine(CheckedRequest request, Pinned pinned) {
            List<BoundView> views = pinned.views();
            CollectedKeys.Means means = collecting();
            return switch (request.spine()) {
                case SpineSource.AllEntities _ -> AllEntities.open(request, views, means);
                case SpineSource.Range range -> VisibleStates.open(request, range, views, means);
                case SpineSource.ParquetFiles _,
                        SpineSource.CsvFiles _,
                        SpineSource.IcebergTable _,
                        SpineSource.TimedRows _,
                        SpineSource.Ids _ ->
                    SpineOpening.open(
                            request,
                            pinned,
                            catalogs,
                            settings.storedRows(),
                            new WholeTable.Reading(settings.scan(), task.cancellation()::isCancelled));
            };
        }

        private CollectedKeys.Means collecting() {
            return new CollectedKeys.Means(
                    budget, settings.scan(), task, settings.limits().maxSpineRows());
        }

        private dev.firn.retrieval.spine.@Nullable RowChunk nextSlice(SliceReader slices) {
            task.cancellation().check();
            return times.time(Stage.SPINE, slices::next).orElse(null);
        }

        /// What was decided before any data was read.
        private record Parts(CheckedRequest request, Pinned pinned, SpineOpening.Opened spine) {}

        private record Written(
                List<ResultFiles.File> files,
                @Nullable RunState state,
                @Nullable RunChanges changes) {}

        private Completed completed(
                Parts parts, ResultFiles files, Written written, List<ViewOutcome> outcomes, List<Violation> warnings) {
            return new Completed(
                    task.folder(),
                    files.columns(parts.request(), parts.pinned().views()),
                    written.files(),
                    files.rows(),
                    files.digest(),
                    outcomes,
                    warnings,
                    pins(parts.request(), parts.pinned(), parts.spine().etags()),
                    times.millis(),
                    written.state(),
                    written.changes(),
                    parts.pinned().madeFrom());
        }

        private static Pins pins(CheckedRequest request, Pinned pinned, Map<String, String> etags) {
            SnapshotPin spineTable =
                    pinned.spineTable() == null ? null : pinned.spineTable().pin();
            return Pins.newBuilder()
                    .setAsOf(request.asOf())
                    .setViews(pinned.views().stream().map(Execution::pin).toList())
                    .setSpineEtags(etags)
                    .setSpineSnapshotId(spineTable == null ? null : spineTable.snapshotId())
                    .setSpineMetadataLocation(spineTable == null ? null : spineTable.metadataLocation())
                    .build();
        }

        private static ViewPin pin(BoundView view) {
            SnapshotPin pin = view.table().pin();
            return ViewPin.newBuilder()
                    .setAlias(view.use().name())
                    .setDefinition(view.use().definition())
                    .setTableUuid(pin.tableUuid())
                    .setSnapshotId(pin.snapshotId())
                    .setSchemaId(pin.schemaId())
                    .setMetadataLocation(pin.metadataLocation())
                    .build();
        }
    }
}
