package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.EntityCollector;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.MemoryBudget;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.TooManyEntitiesException;
import dev.firn.lake.scan.FeatureColumns;
import dev.firn.lake.scan.ProgressSink;
import dev.firn.lake.scan.ScanBounds;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanPlanner;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scan.TableScan;
import dev.firn.retrieval.job.SpineOpening.KeySource;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.schemas.Code;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The spine without rows (docs/semantics.md rule 12): every entity that has a candidate at T in any view, in Iceberg's
/// sort order of the key.
///
/// Entities are collected in one pass over the keys and times of the tables if they fit in memory. If not, the number
/// of passes is doubled, and each pass collects one part of the keys' hashes. The keys of a pass are sorted; several
/// passes are merged from files ([SortedRuns]).
final class AllEntities implements SpineRows {
    private static final int CHUNK_ROWS = 1 << 16;
    /// What a collector holds for an entity whose key is one long.
    private static final int ENTITY_BYTES = 96;

    private static final int MAX_ENTITIES = 1 << 26;

    /// A third of a pass's memory is for the keys as they arrive, the rest for sorting them.
    private static final int SORT_PARTS = 3;

    private static final long MIN_PASS_BYTES = 384L << 10;
    private static final long MAX_PASS_BYTES = 3L << 30;
    private static final int MAX_PASSES = 1 << 12;

    private final List<BoundView> views;
    private final List<FeatureColumns> columns;
    private final List<TimeBounds> bounds;
    private final List<KeyOrder> orders;
    private final List<Type> types;
    private final Schema schema;
    private final MemoryBudget budget;
    private final ScanSettings scan;
    private final Retrieval.Task task;
    private @Nullable SortedRuns runs;
    private MemoryBudget.@Nullable Lease lease;

    private AllEntities(
            CheckedRequest request,
            List<BoundView> views,
            List<FeatureColumns> columns,
            MemoryBudget budget,
            ScanSettings scan,
            Retrieval.Task task) {
        BoundView first = views.getFirst();
        this.views = views;
        this.columns = columns;
        this.types = first.keyTypes();
        this.orders = types.stream().map(KeyCast::order).toList();
        this.budget = budget;
        this.scan = scan;
        this.task = task;
        SpineTime time = SpineTime.constant(request.asOf(), 1);
        this.bounds = views.stream()
                .map(view -> SliceJoin.timeBounds(view, time, request.request().getFilterByCreated()))
                .toList();
        List<NestedField> fields = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            fields.add(NestedField.optional(k + 1, first.use().keyColumns().get(k), types.get(k)));
        }
        this.schema = new Schema(fields);
    }

    static SpineOpening.Opened open(
            CheckedRequest request,
            List<BoundView> views,
            MemoryBudget budget,
            ScanSettings scan,
            Retrieval.Task task) {
        List<FeatureColumns> columns = aligned(views);
        AllEntities rows = new AllEntities(request, views, columns, budget, scan, task);
        OutputNames.checkAll(
                request, rows.schema().columns().stream().map(NestedField::name).toList());
        List<List<KeySource>> keys = new ArrayList<>();
        for (BoundView view : views) {
            List<String> order = views.getFirst().use().keyColumns();
            List<KeySource> sources = new ArrayList<>();
            for (int k = 0; k < order.size(); k++) {
                int column = order.indexOf(view.use().keyColumns().get(k));
                sources.add(new KeySource(
                        column,
                        KeyCast.between(rows.types.get(column), view.keyTypes().get(k))
                                .orElseThrow()));
            }
            keys.add(sources);
        }
        return new SpineOpening.Opened(rows, -1, ZoneOffset.UTC, keys, Map.of());
    }

    /// The keys of every view in the order of the first view's. Refuses views with different keys.
    private static List<FeatureColumns> aligned(List<BoundView> views) {
        Violations violations = new Violations();
        BoundView first = views.getFirst();
        List<String> names = first.use().keyColumns();
        if (new HashSet<>(names).size() != names.size()) {
            violations.add(
                    Code.ENTITIES_DIFFER,
                    first.use().field(),
                    "Two entities of '%s' are mapped to the same column."
                            .formatted(first.use().name()));
        }
        List<FeatureColumns> aligned = new ArrayList<>();
        for (BoundView view : views) {
            List<Integer> ids = new ArrayList<>();
            for (int k = 0; k < names.size(); k++) {
                int other = view.use().keyColumns().indexOf(names.get(k));
                boolean same = other >= 0
                        && view.use().keyColumns().size() == names.size()
                        && view.keyTypes().get(other).equals(first.keyTypes().get(k));
                if (!same) {
                    violations.add(
                            Code.ENTITIES_DIFFER,
                            view.use().field(),
                            "A spine of all entities needs views with the same keys, but '%s' has %s of types %s and '%s' has %s of types %s."
                                    .formatted(
                                            first.use().name(),
                                            names,
                                            first.keyTypes(),
                                            view.use().name(),
                                            view.use().keyColumns(),
                                            view.keyTypes()));
                    break;
                }
                ids.add(view.columns().keyFieldIds().get(other));
            }
            FeatureColumns columns = view.columns();
            if (violations.isEmpty()) {
                aligned.add(
                        new FeatureColumns(ids, columns.timestampFieldId(), columns.createdFieldId(), columns.zone()));
            }
        }
        violations.throwIfAny();
        return aligned;
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

    private RowChunk toTableTypes(RowChunk keys) {
        List<Column> typed = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            typed.add(KeyCast.toTableType(keys.columns().get(k), types.get(k)));
        }
        return new RowChunk(typed, keys.rows());
    }

    /// Reserves the memory of a pass while entities are collected, and from then on what is kept of them in memory.
    private SortedRuns collect() {
        long most = Math.min(budget.bytes() / 4, MAX_PASS_BYTES);
        MemoryBudget.Lease held = budget.acquire(Math.clamp(budget.available(), 0, most), "all entities");
        lease = held;
        SortedRuns collected = collected(Math.max(MIN_PASS_BYTES, held.bytes()));
        held.resize(Math.min(held.bytes(), collected.bytesInMemory()));
        return collected;
    }

    private SortedRuns collected(long passBytes) {
        int maxEntities = Math.clamp(passBytes / ENTITY_BYTES, 1, MAX_ENTITIES);
        int passes = 1;
        while (true) {
            SortedRuns collected = new SortedRuns(types, orders);
            try {
                for (int pass = 0; pass < passes; pass++) {
                    EntityCollector collector =
                            new EntityCollector(orders, pass, passes, maxEntities, passBytes / SORT_PARTS);
                    collect(collector);
                    collected.add(collector.sortedKeys(), collector.size(), passes > 1);
                }
                return collected;
            } catch (TooManyEntitiesException e) {
                collected.close();
                if (passes >= MAX_PASSES) {
                    throw new RetrievalRejected(
                            Code.OUT_OF_BUDGET,
                            "spine",
                            "The entities do not fit in the worker's memory, even in %d passes.".formatted(passes));
                }
                passes *= 2;
            } catch (RuntimeException | Error e) {
                collected.close();
                throw e;
            }
        }
    }

    private void collect(EntityCollector collector) {
        for (int v = 0; v < views.size(); v++) {
            BoundView view = views.get(v);
            TimeBounds at = bounds.get(v);
            if (view.table().pin().snapshotId() == null || at.nulls().isNull(0)) {
                continue;
            }
            FeatureColumns read = columns.get(v);
            ScanPlan plan = new ScanPlanner(scan, task.cancellation()::isCancelled)
                    .plan(view.table(), read, ScanBounds.ofTimes(at.earliest()[0], at.latest()[0]));
            try (TableScan table = new TableScan(view.table(), plan, scan)) {
                table.stream(
                        read, () -> collector.intake(at)::accept, task.cancellation()::isCancelled, progress(view));
            }
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
