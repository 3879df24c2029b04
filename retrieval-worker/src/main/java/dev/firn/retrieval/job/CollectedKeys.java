package dev.firn.retrieval.job;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.Column;
import dev.firn.engine.EntityCollector;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.MemoryBudget;
import dev.firn.engine.TooManyEntitiesException;
import dev.firn.lake.scan.FeatureColumns;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanPlanner;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.TableScan;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The rows of a spine that names none: the distinct keys that are collected from the views' tables, in Iceberg's sort
/// order.
///
/// They are collected in one pass over the keys and times of the tables if they fit in memory. If not, the number
/// of passes is doubled, and each pass collects one part of the keys' hashes. The keys of a pass are sorted; several
/// passes are merged from files ([SortedRuns]).
final class CollectedKeys implements SpineRows {
    private static final int CHUNK_ROWS = 1 << 16;
    /// What a collector holds for a key that is one long.
    private static final int KEY_BYTES = 96;

    private static final int MAX_KEYS = 1 << 26;

    /// A third of a pass's memory is for the keys as they arrive, the rest for sorting them.
    private static final int SORT_PARTS = 3;

    private static final long MIN_PASS_BYTES = 384L << 10;

    /// A pass has at least this part of the memory that it may have at most: with less, the tables would be read
    /// hundreds of times.
    private static final int LEAST_SHARE = 8;

    private static final long MAX_PASS_BYTES = 3L << 30;
    private static final int MAX_PASSES = 1 << 12;

    private final Schema schema;
    private final List<Type> types;
    private final List<KeyOrder> orders;
    private final List<Source> sources;
    private final Reading reading;
    private final MemoryBudget budget;
    private final Retrieval.Task task;
    private final long maxRows;
    private long collected;
    private @Nullable SortedRuns runs;
    private MemoryBudget.@Nullable Lease lease;

    /// What is collected from one view.
    ///
    /// @param columns to read, with the keys in the order of the schema
    /// @param times only rows with timestamps in this range are wanted; null: none are
    /// @param intake what each thread gives its batches to
    record Source(
            BoundView view,
            FeatureColumns columns,
            @Nullable ScanBounds times,
            Function<EntityCollector, EntityCollector.Intake> intake) {}

    /// Where the rows of a source come from.
    interface Reading {
        void stream(Source source, Supplier<Consumer<FeatureBatch>> sinkPerThread, ProgressSink progress);
    }

    /// What collecting takes.
    ///
    /// @param maxRows the most rows that a spine may have
    record Means(MemoryBudget budget, ScanSettings scan, Retrieval.Task task, long maxRows) {}

    /// The keys of the whole tables.
    ///
    /// @param schema the columns of the keys
    CollectedKeys(Schema schema, List<Source> sources, Means means) {
        this(schema, sources, means, (source, sink, progress) -> streamTable(source, means, sink, progress));
    }

    CollectedKeys(Schema schema, List<Source> sources, Means means, Reading reading) {
        this.schema = schema;
        this.types = schema.columns().stream().map(NestedField::type).toList();
        this.orders = types.stream().map(KeyCast::order).toList();
        this.sources = List.copyOf(sources);
        this.reading = reading;
        this.budget = means.budget();
        this.task = means.task();
        this.maxRows = means.maxRows();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Optional<RowChunk> next() {
        SortedRuns merged = runs;
        if (merged == null) {
            merged = collect();
            runs = merged;
        }
        return merged.next(CHUNK_ROWS).map(this::toTableTypes);
    }

    /// The number of keys; 0 before the first call of [#next].
    long collected() {
        return collected;
    }

    private RowChunk toTableTypes(RowChunk keys) {
        List<Column> typed = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            typed.add(KeyCast.toTableType(keys.columns().get(k), types.get(k)));
        }
        return new RowChunk(typed, keys.rows());
    }

    /// Reserves the memory of a pass while keys are collected, and from then on what is kept of them in memory. Takes
    /// half of what is free, since plans and deletes need memory too.
    ///
    /// @throws BudgetExceededException if other jobs leave too little; transient
    private SortedRuns collect() {
        long most = Math.min(budget.bytes() / 4, MAX_PASS_BYTES);
        long least = Math.min(most, Math.max(MIN_PASS_BYTES, most / LEAST_SHARE));
        MemoryBudget.Lease held =
                budget.acquire(Math.clamp(budget.available() / 2, least, most), "collecting the keys of a spine");
        lease = held;
        SortedRuns collected = collected(held, most);
        held.resize(Math.min(held.bytes(), collected.bytesInMemory()));
        return collected;
    }

    private SortedRuns collected(MemoryBudget.Lease held, long most) {
        int passes = 1;
        while (true) {
            SortedRuns collected = new SortedRuns(types, orders);
            try {
                collect(collected, passes, Math.max(MIN_PASS_BYTES, held.bytes()));
                return collected;
            } catch (TooManyEntitiesException e) {
                collected.close();
                if (grow(held, most)) {
                    continue;
                }
                if (passes >= MAX_PASSES) {
                    throw doNotFit(passes, held.bytes() < most);
                }
                passes *= 2;
            } catch (RuntimeException | Error e) {
                collected.close();
                throw e;
            }
        }
    }

    private void collect(SortedRuns collected, int passes, long passBytes) {
        int maxKeys = Math.clamp(passBytes / KEY_BYTES, 1, MAX_KEYS);
        long rows = 0;
        for (int pass = 0; pass < passes; pass++) {
            EntityCollector collector = new EntityCollector(orders, pass, passes, maxKeys, passBytes / SORT_PARTS);
            collect(collector);
            rows += collector.size();
            if (rows > maxRows) {
                throw SliceReader.tooManyRows(maxRows);
            }
            collected.add(collector.sortedKeys(), collector.size(), passes > 1);
        }
        this.collected = rows;
    }

    /// Doubles the memory of a pass, if that leaves as much free.
    private boolean grow(MemoryBudget.Lease held, long most) {
        long before = held.bytes();
        if (2 * before > most || budget.available() < 2 * before) {
            return false;
        }
        try {
            held.resize(2 * before);
            return true;
        } catch (BudgetExceededException e) {
            return false; // another job was faster
        }
    }

    /// @param isForNow whether a pass had less memory than it may have
    private static RuntimeException doNotFit(int passes, boolean isForNow) {
        String message =
                "The keys of the spine do not fit in the worker's memory, even in %d passes.".formatted(passes);
        return isForNow
                ? new BudgetExceededException(message)
                : new RetrievalRejected(Code.OUT_OF_BUDGET, "spine", message);
    }

    private void collect(EntityCollector collector) {
        for (Source source : sources) {
            if (source.view().table().pin().snapshotId() != null && source.times() != null) {
                reading.stream(source, () -> source.intake().apply(collector)::accept, progress(source.view()));
            }
        }
    }

    static void streamTable(
            Source source, Means means, Supplier<Consumer<FeatureBatch>> sinkPerThread, ProgressSink progress) {
        BooleanSupplier cancelled = means.task().cancellation()::isCancelled;
        ScanPlan plan = new ScanPlanner(means.scan(), cancelled)
                .plan(source.view().table(), source.columns(), Objects.requireNonNull(source.times()));
        try (TableScan table = new TableScan(source.view().table(), plan, means.scan())) {
            table.stream(source.columns(), sinkPerThread, cancelled, progress);
        }
    }

    private ProgressSink progress(BoundView view) {
        return (done, files, _) ->
                task.progress().report(Stage.SPINE, view.use().name(), done, files, "files");
    }

    @Override
    public void close() {
        try {
            if (runs != null) {
                runs.close();
            }
        } finally {
            if (lease != null) {
                lease.close();
            }
        }
    }
}
