package dev.firn.retrieval.job;

import dev.firn.config.ChangesMode;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.events.ChangesKind;
import dev.firn.events.PreviousRun;
import dev.firn.events.ResultFile;
import dev.firn.events.RunChanges;
import dev.firn.lake.Reason;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.retrieval.job.changes.Alignment;
import dev.firn.retrieval.job.changes.EarlierResult;
import dev.firn.retrieval.job.changes.FoundRows;
import dev.firn.retrieval.job.changes.GivenRows;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.service.event.EventSize;
import dev.firn.service.spine.SpineSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a run of a standing retrieval changes in the result of the successful run before it: the rows whose features
/// differ, and the rows that came or went.
///
/// ## How
/// Rows are compared when they are written, chunk by chunk, with the rows of the previous result. Which row of one is
/// which of the other, [Alignment] tells. Of a view that was refreshed from the previous run, only those rows are
/// compared that may differ ([#refreshed]): what was kept is equal and is not read again. Of a view that ran in full,
/// all rows are compared, so its columns of the previous result are read once. Memory is that of a chunk: see
/// [EarlierResult].
///
/// If the spine may be another one, its columns are compared too. A row that differs, like everything else that cannot
/// be compared or written, makes the changes a RESET: whoever follows them reads the whole result. It never fails the
/// run. For one thread.
final class Changes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);
    private static final int MAX_REASON = 1_000;

    private final Run run;
    private final ChangesMode mode;
    private final String definition;
    private final List<Integer> spine;
    private final List<List<Integer>> columnsOfView = new ArrayList<>();
    private final Map<Integer, BitSet> equalInView = new HashMap<>();
    private @Nullable EarlierResult earlier;
    private @Nullable Alignment alignment;
    private @Nullable ChangeFiles files;
    private boolean hasSameSpine;
    private String reset = "";
    private long written;

    /// What is compared, and where its changes go.
    ///
    /// @param rowsPerFile the most rows of a file of changes
    /// @param folder of the try's files
    record Run(Refresh.Means means, Refresh.Run refreshed, int rowsPerFile, String folder) {
        private @Nullable PreviousRun previous() {
            return refreshed.request().request().getPreviousRun();
        }

        private Schema schema() {
            return refreshed.schema();
        }
    }

    private Changes(Run run) {
        this.run = run;
        Refresh.Run of = run.refreshed();
        boolean isRun = of.request().request().getStandingId() != null;
        this.mode = isRun ? run.means().settings().changes() : ChangesMode.NEVER;
        this.definition = mode == ChangesMode.NEVER ? "" : RunDefinition.fingerprint(of.request(), of.pinned());
        this.spine = IntStream.range(0, of.spineColumns()).boxed().toList();
        for (int v = 0; v < of.pinned().views().size(); v++) {
            columnsOfView.add(columnsOfView(of, v));
        }
    }

    private static List<Integer> columnsOfView(Refresh.Run of, int view) {
        List<Integer> columns = new ArrayList<>();
        int features = of.request().features().size();
        for (int f = 0; f < features; f++) {
            if (of.request().features().get(f).view() == view) {
                columns.add(of.spineColumns() + f);
            }
        }
        if (of.request().request().getIncludeEventTimestamps()) {
            columns.add(of.spineColumns() + features + view);
        }
        return columns;
    }

    static Changes start(Run run) {
        Changes changes = new Changes(run);
        if (changes.mode != ChangesMode.NEVER) {
            changes.attempt(changes::open);
        }
        return changes;
    }

    private void open() {
        PreviousRun previous = run.previous();
        if (previous == null) {
            throw new UnusableState("there is no successful run before it");
        }
        Refresh.Means means = run.means();
        Refresh.Run of = run.refreshed();
        EarlierResult result = EarlierResult.open(
                means.catalogs().storage(),
                means.settings().results(),
                previous,
                definition,
                run.schema(),
                means.tasks());
        earlier = result;
        PinnedTable table = of.pinned().spineTable();
        hasSameSpine = result.hasSpine(
                of.spine().etags(), table == null ? null : table.pin().snapshotId());
        alignment = switch (of.request().spine()) {
            case SpineSource.ParquetFiles _,
                    SpineSource.CsvFiles _,
                    SpineSource.IcebergTable _,
                    SpineSource.TimedRows _,
                    SpineSource.Ids _ -> new GivenRows(result.rows());
            case SpineSource.AllEntities _, SpineSource.Range _ -> new FoundRows(result, orders());
        };
        files = new ChangeFiles(
                means.catalogs().storage(), run.folder(), run.schema(), run.rowsPerFile(), means.tasks());
    }

    private List<KeyOrder> orders() {
        return run.schema().columns().subList(0, spine.size()).stream()
                .map(field -> KeyCast.order(field.type()))
                .toList();
    }

    /// Begins a slice.
    void begin() {
        equalInView.clear();
    }

    /// A view of the slice was refreshed from the previous run, so the slice's rows have the same spine.
    ///
    /// @param equal rows of the slice whose values are those of the same rows of the previous result
    void refreshed(int view, BitSet equal) {
        equalInView.put(view, equal);
    }

    /// Of the slice, the result has only these rows.
    void take(int[] rows) {
        equalInView.replaceAll((_, equal) -> {
            BitSet taken = new BitSet(rows.length);
            for (int i = 0; i < rows.length; i++) {
                taken.set(i, equal.get(rows[i]));
            }
            return taken;
        });
    }

    /// Compares rows that were written.
    ///
    /// @param columns of the result
    /// @param from number of the first row among those that the result has of the slice
    void write(List<Column> columns, int from, int count) {
        attempt(() -> compare(columns, from, count));
        written += count;
    }

    private void compare(List<Column> columns, int from, int count) {
        ChangeFiles out = Objects.requireNonNull(files);
        EarlierResult before = Objects.requireNonNull(earlier);
        long[] then =
                Objects.requireNonNull(alignment).next(columns.subList(0, spine.size()), count, out::writeRemoved);
        if (!hasSameSpine && alignment instanceof GivenRows && equalInView.isEmpty()) {
            requireSpine(columns, then);
        }
        BitSet differing = new BitSet(count);
        for (int v = 0; v < columnsOfView.size(); v++) {
            BitSet equal = equalInView.get(v);
            int[] rows = IntStream.range(0, count)
                    .filter(row -> then[row] != Alignment.ADDED && (equal == null || !equal.get(from + row)))
                    .toArray();
            if (equal == null && rows.length > 0 && mode == ChangesMode.INCREMENTAL) {
                throw new UnusableState("a view ran in full, and firn.refresh.changes is incremental");
            }
            before.markDiffering(columns, rows, taken(then, rows), columnsOfView.get(v), differing);
        }
        out.write(columns, written, then, differing);
    }

    private void requireSpine(List<Column> columns, long[] then) {
        int[] rows = IntStream.range(0, then.length)
                .filter(row -> then[row] != Alignment.ADDED)
                .toArray();
        BitSet differing = new BitSet(then.length);
        Objects.requireNonNull(earlier).markDiffering(columns, rows, taken(then, rows), spine, differing);
        if (!differing.isEmpty()) {
            throw new UnusableState("its rows changed");
        }
    }

    private static long[] taken(long[] then, int[] rows) {
        long[] taken = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = then[rows[i]];
        }
        return taken;
    }

    /// What changed; null if that is not wanted.
    @Nullable
    RunChanges finish() {
        if (mode == ChangesMode.NEVER) {
            return null;
        }
        RunChanges.Builder changes = RunChanges.newBuilder().setDefinition(definition);
        attempt(() -> {
            ChangeFiles out = Objects.requireNonNull(files);
            Objects.requireNonNull(alignment).end(out::writeRemoved);
            List<ResultFile> list = out.finish().stream()
                    .map(file -> new ResultFile(file.location(), file.rows(), file.bytes(), file.sha256()))
                    .toList();
            changes.setKind(ChangesKind.DELTA)
                    .setSinceRequestId(Objects.requireNonNull(earlier).requestId())
                    .setRowsUpdated(out.updated())
                    .setRowsAdded(out.added())
                    .setRowsRemoved(out.removed())
                    .setLocation(out.folder() + "/")
                    .setFiles(list)
                    .setFileCount(list.size());
        });
        return reset.isEmpty()
                ? changes.build()
                : changes.setKind(ChangesKind.RESET).setResetReason(reset).build();
    }

    /// Does a step, unless the changes are a RESET; makes them one if it fails. Rethrows a cancellation.
    private void attempt(Runnable step) {
        if (mode == ChangesMode.NEVER || !reset.isEmpty()) {
            return;
        }
        try {
            step.run();
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            reset = EventSize.cut(
                    e instanceof UnusableState ? String.valueOf(e.getMessage()) : Reason.of(e), MAX_REASON);
            if (!(e instanceof UnusableState)) {
                log.atInfo()
                        .addKeyValue(
                                "requestId", run.refreshed().request().request().getRequestId())
                        .addKeyValue("fault", reset)
                        .log("A run cannot tell what it changed; its changes are a reset");
            }
            giveUp();
        }
    }

    /// Nobody is told of the files that were written, and they are in nobody's way.
    private void giveUp() {
        try {
            if (files != null) {
                files.delete();
            }
        } catch (RuntimeException e) {
            log.atDebug().setCause(e).log("Unused files of changes could not be deleted");
        }
    }

    @Override
    public void close() {
        try {
            if (files != null) {
                files.close();
            }
        } catch (RuntimeException e) {
            log.atDebug().setCause(e).log("An unfinished file of changes could not be closed");
        }
        if (earlier != null) {
            earlier.close();
        }
    }
}
