package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.DistinctWinners;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.RowAddress;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.Winners;
import dev.firn.events.ViewOutcome;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ConstantColumns;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.retrieval.job.SpineOpening.KeySource;
import dev.firn.retrieval.job.values.GatheredValues;
import dev.firn.retrieval.job.values.ValueMemory;
import dev.firn.retrieval.spine.Columns;
import dev.firn.retrieval.spine.RowChunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.iceberg.types.Types.NestedField;

/// Joins slices of a spine with every view, one view after the other, and writes the result rows. Views of one
/// table may share a look through it ([TablePasses]). For one thread.
final class SliceJoin {
    /// Rows are assembled and written in chunks of at most this many rows and about this many bytes.
    private static final int MAX_WRITE_ROWS = 1 << 16;

    private static final long WRITE_BYTES = 16L << 20;
    private static final int MIN_WRITE_ROWS = 1 << 10;

    private final CheckedRequest request;
    private final List<BoundView> views;
    private final SpineOpening.Opened spine;
    private final ScanSettings scanSettings;
    private final Retrieval.Task task;
    private final StageTimes times;
    private final Running running;
    private final Refresh refresh;
    private final Changes changes;
    private final List<ViewTally> tallies = new ArrayList<>();
    private final List<List<NestedField>> gathered = new ArrayList<>();

    /// The attempt that the join belongs to.
    ///
    /// @param budgetBytes of the memory that the worker's jobs share
    record Running(Retrieval.Task task, StageTimes times, long budgetBytes) {}

    /// How it starts from the previous run, and what it tells of the differences.
    record Since(Refresh refresh, Changes changes) {}

    SliceJoin(
            CheckedRequest request,
            List<BoundView> views,
            SpineOpening.Opened spine,
            ScanSettings scanSettings,
            Running running,
            Since since) {
        this.request = request;
        this.views = views;
        this.spine = spine;
        this.refresh = since.refresh();
        this.changes = since.changes();
        this.scanSettings = scanSettings;
        this.task = running.task();
        this.times = running.times();
        this.running = running;
        int maxSamples = AgeQuantiles.maxSamples(running.budgetBytes(), views.size());
        views.forEach(view -> {
            tallies.add(new ViewTally(view, maxSamples));
            gathered.add(gathered(view));
        });
    }

    List<ViewOutcome> outcomes() {
        return refresh.outcomes(tallies.stream().map(ViewTally::outcome).toList());
    }

    void warn(ResultWarnings warnings) {
        tallies.forEach(tally -> tally.warn(warnings));
    }

    /// @param memory for the values of this slice
    void join(RowChunk slice, ValueMemory memory, ResultFiles files) {
        List<GatheredValues> found = new ArrayList<>();
        List<Winners> winners = new ArrayList<>();
        SpineTime time = time(slice);
        refresh.begin(slice.rows());
        changes.begin();
        try (TablePasses passes = passes(slice, time)) {
            for (int v = 0; v < views.size(); v++) {
                task.cancellation().check();
                join(slice, time, v, passes, new Gathering(memory, files.tasks(), found, winners));
            }
            Optional<int[]> rows = rowsOfResult(winners);
            rows.ifPresent(changes::take);
            times.time(Stage.WRITE, () -> {
                write(slice, found, files, rows);
                return files;
            });
            refresh.end(rows);
        } finally {
            found.forEach(GatheredValues::close);
        }
    }

    /// The rows of a slice that the result has; empty if it has them all.
    private Optional<int[]> rowsOfResult(List<Winners> winners) {
        if (!refresh.leavesUnmatchedOut()) {
            return Optional.empty();
        }
        int all = winners.getFirst().size();
        int[] rows = IntStream.range(0, all)
                .filter(row -> winners.stream().anyMatch(view -> view.address(row) != RowAddress.NONE))
                .toArray();
        tallies.forEach(tally -> tally.leaveOut(all - rows.length));
        return rows.length == all ? Optional.empty() : Optional.of(rows);
    }

    /// What is found for a slice.
    ///
    /// @param found the values of each view, in their order
    /// @param winners of each view
    private record Gathering(
            ValueMemory memory, ColumnTasks tasks, List<GatheredValues> found, List<Winners> winners) {}

    private TablePasses passes(RowChunk slice, SpineTime time) {
        return new TablePasses(views, scanSettings, running, new TablePasses.Joins() {
            @Override
            public SpineIndex index(int v) {
                return SliceJoin.this.index(keys(slice, v), time, v);
            }

            @Override
            public PointInTimeJoin of(SpineIndex index) {
                return refresh.keepsState() ? PointInTimeJoin.keepingCreated(index) : new PointInTimeJoin(index);
            }

            @Override
            public boolean isWhole(int v) {
                return refresh.source(v, gathered.get(v)) == null;
            }
        });
    }

    private SpineTime time(RowChunk slice) {
        if (spine.timestamp() < 0) {
            return SpineTime.constant(request.asOf(), slice.rows());
        }
        NestedField field = spine.rows().schema().columns().get(spine.timestamp());
        return SpineTime.of(slice.columns().get(spine.timestamp()), field.type(), spine.zone());
    }

    private void join(RowChunk slice, SpineTime time, int v, TablePasses passes, Gathering gathering) {
        ViewRefresh.Source source = refresh.source(v, gathered.get(v));
        if (source != null) {
            List<Column> keys = keys(slice, v);
            ViewRefresh view = new ViewRefresh(
                    views.get(v), source, scanSettings, task.cancellation()::isCancelled, lookup(v, passes));
            ViewRefresh.Refreshed refreshed = refresh.attempt(
                    v,
                    () -> times.time(
                            Stage.JOIN,
                            () -> view.join(
                                    refresh.slice(v, keys, time),
                                    gathered.get(v),
                                    gathering.memory().share(v),
                                    gathering.tasks())));
            if (refreshed != null) {
                gathering.found().add(refreshed.values());
                add(refreshed.winners(), v, time, gathering);
                refreshed.counts().forEach(tallies.get(v)::add);
                changes.refreshed(v, refreshed.equal());
                return;
            }
        }
        try (Looked streamed = passes.look(v)) {
            add(streamed.winners(), v, time, gathering);
            gather(streamed, v, gathering);
        }
    }

    private void add(Winners winners, int v, SpineTime time, Gathering gathering) {
        tallies.get(v).add(winners, time);
        gathering.winners().add(winners);
        refresh.keep(winners);
    }

    private ViewRefresh.Lookup lookup(int v, TablePasses passes) {
        return new ViewRefresh.Lookup() {
            @Override
            public Looked look(List<Column> keys, SpineTime time, SpineIndex index) {
                return passes.look(v, index);
            }

            @Override
            public SpineIndex index(List<Column> keys, SpineTime time) {
                return SliceJoin.this.index(keys, time, v);
            }
        };
    }

    private SpineIndex index(List<Column> keys, SpineTime time, int v) {
        return SpineIndex.of(keys, bounds(views.get(v), time));
    }

    private void gather(Looked streamed, int v, Gathering gathering) {
        BoundView view = views.get(v);
        Winners winners = streamed.winners();
        TablePass pass = streamed.pass();
        List<NestedField> fields = gathered.get(v);
        DistinctWinners distinct = times.time(Stage.GATHER, winners::distinct);
        GatheredValues values = new GatheredValues(
                fields,
                distinct.takeOrder(),
                distinct.addresses().length,
                gathering.memory().share(v),
                gathering.tasks());
        gathering.found().add(values);
        if (pass != null) {
            task.cancellation().check();
            task.progress().report(Stage.GATHER, view.use().name(), 0, winners.matched(), "rows");
            times.time(Stage.GATHER, () -> {
                List<Integer> ids = fields.stream().map(NestedField::fieldId).toList();
                pass.scan().gather(distinct.addresses(), ids, task.cancellation()::isCancelled, values);
                return values;
            });
            tallies.get(v).add(pass.counts());
        }
        values.finish();
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

    /// The requested fields that the snapshot has, each once, and the event timestamp if the request includes it or
    /// there is nothing else.
    private List<NestedField> gathered(BoundView view) {
        Map<Integer, NestedField> fields = new TreeMap<>();
        view.fieldsToRead().forEach(field -> fields.put(field.fieldId(), field));
        if (request.request().getIncludeEventTimestamps() || fields.isEmpty()) {
            fields.put(view.timestamp().fieldId(), view.timestamp());
        }
        return List.copyOf(fields.values());
    }

    private void write(RowChunk slice, List<GatheredValues> found, ResultFiles files, Optional<int[]> rows) {
        long spineBytes = slice.bytes() / Math.max(1, slice.rows());
        int most = Math.clamp(WRITE_BYTES / Math.max(1, spineBytes), MIN_WRITE_ROWS, MAX_WRITE_ROWS);
        int inResult = 0;
        int to;
        for (int first = 0; first < slice.rows(); first = to) {
            task.cancellation().check();
            int from = first;
            to = Math.min(slice.rows(), from + most);
            for (GatheredValues values : found) {
                to = values.end(from, to, WRITE_BYTES / found.size());
            }
            int end = to;
            List<GatheredValues.Chunk> chunks =
                    found.stream().map(values -> values.rows(from, end)).toList();
            IntFunction<Column> columns = i -> column(slice, chunks, i, from, end);
            Optional<int[]> some = rows.map(all -> within(all, from, end));
            int count = some.map(part -> part.length).orElse(end - from);
            if (count > 0) {
                List<Column> written = files.write(
                        some.<IntFunction<Column>>map(
                                        part -> i -> columns.apply(i).take(part))
                                .orElse(columns),
                        count);
                changes.write(written, inResult, count);
                inResult += count;
            }
            task.progress().report(Stage.WRITE, "", files.rows(), 0, "rows");
        }
    }

    /// Those rows of `from` to `to` that are in the result, counted from `from`.
    ///
    /// @param rows of the slice that are in the result, ascending
    static int[] within(int[] rows, int from, int to) {
        return Arrays.stream(rows, firstAtLeast(rows, from), firstAtLeast(rows, to))
                .map(row -> row - from)
                .toArray();
    }

    private static int firstAtLeast(int[] rows, int row) {
        int at = Arrays.binarySearch(rows, row);
        return at < 0 ? -at - 1 : at;
    }

    /// The result's columns are the spine's, then the features in request order, then the extras.
    private Column column(RowChunk slice, List<GatheredValues.Chunk> chunks, int index, int from, int to) {
        if (index < slice.columns().size()) {
            Column column = slice.columns().get(index);
            return from == 0 && to == slice.rows() ? column : column.take(Columns.range(from, to));
        }
        int asked = index - slice.columns().size();
        if (asked < request.features().size()) {
            AskedFeature feature = request.features().get(asked);
            BoundView view = views.get(feature.view());
            NestedField field = view.features().get(feature.feature());
            if (field == null) {
                throw new IllegalStateException("feature " + feature.reference() + " was not bound");
            }
            if (view.notYet().contains(feature.feature())) {
                return ConstantColumns.of(field.type(), null, to - from);
            }
            return column(chunks, feature.view(), field);
        }
        int view = asked - request.features().size();
        return column(chunks, view, views.get(view).timestamp());
    }

    private Column column(List<GatheredValues.Chunk> chunks, int view, NestedField field) {
        List<NestedField> fields = gathered.get(view);
        for (int f = 0; f < fields.size(); f++) {
            if (fields.get(f).fieldId() == field.fieldId()) {
                return chunks.get(view).column(f);
            }
        }
        throw new IllegalStateException("field " + field.name() + " was not gathered");
    }
}
