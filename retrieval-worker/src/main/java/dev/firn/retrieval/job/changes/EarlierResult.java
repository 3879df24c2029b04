package dev.firn.retrieval.job.changes;

import dev.firn.engine.Column;
import dev.firn.events.Pins;
import dev.firn.events.PreviousRun;
import dev.firn.events.ResultColumn;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RunChanges;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.refresh.EarlierRun;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.retrieval.spine.Columns;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.RunState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// The result of the previous successful run, to compare with. It is read in steps of about [#STEP_BYTES] of values,
/// however large it is. For one thread.
public final class EarlierResult implements AutoCloseable {
    private static final long STEP_BYTES = 8L << 20;
    private static final int MAX_STEP_ROWS = 1 << 16;
    private static final int MIN_STEP_ROWS = 64;
    private static final int FIRST_STEP_VALUES = 1 << 18;

    private final String requestId;
    private final StoredColumns rows;
    private final @Nullable Pins pins;

    /// The rows that are read next; see [#step].
    private int step;

    private EarlierResult(String requestId, StoredColumns rows, @Nullable Pins pins, int columns) {
        this.requestId = requestId;
        this.rows = rows;
        this.pins = pins;
        this.step = Math.clamp(FIRST_STEP_VALUES / Math.max(1, columns), MIN_STEP_ROWS, MAX_STEP_ROWS);
    }

    /// @param root the folder of this deployment's results
    /// @param definition fingerprint of the run's definition
    /// @param schema of the run's result
    /// @throws UnusableState if it cannot be compared with a result of this definition and schema
    public static EarlierResult open(
            Storage storage, String root, PreviousRun previous, String definition, Schema schema, ColumnTasks tasks) {
        Manifest manifest = EarlierRun.manifest(storage, root, previous);
        RetrievalResult result = manifest.result();
        if (!definition.equals(definition(manifest))) {
            throw new UnusableState("the definition changed, or is not known of the run before");
        }
        if (!columns(schema).equals(columns(result))) {
            throw new UnusableState("the columns changed");
        }
        return new EarlierResult(
                result.getRequestId(),
                new StoredColumns(storage, EarlierRun.files(result), schema, tasks),
                manifest.pins(),
                schema.columns().size());
    }

    /// A run that wrote no changes may have left a state, which has the definition too.
    private static @Nullable String definition(Manifest manifest) {
        RunChanges changes = manifest.result().getChanges();
        RunState state = manifest.state();
        return changes != null ? changes.getDefinition() : state != null ? state.definition() : null;
    }

    private static List<String> columns(Schema schema) {
        return schema.columns().stream()
                .map(field -> field.name() + " " + field.type())
                .toList();
    }

    private static List<String> columns(RetrievalResult result) {
        return result.getColumns().stream()
                .map((ResultColumn column) -> column.getName() + " " + column.getType())
                .toList();
    }

    public String requestId() {
        return requestId;
    }

    public long rows() {
        return rows.rows();
    }

    /// Whether its spine had the same files and the same snapshot, and so the same rows.
    public boolean hasSpine(Map<String, String> etags, @Nullable Long snapshotId) {
        return pins != null
                && pins.getSpineEtags().equals(etags)
                && Objects.equals(pins.getSpineSnapshotId(), snapshotId);
    }

    /// Marks the rows of `now` that have another value in one of the columns.
    ///
    /// @param rows of `now`, ascending
    /// @param then for each of `rows`, the row of this result to compare it with; ascending
    /// @param columns indexes of columns, the same in both
    public void markDiffering(List<Column> now, int[] rows, long[] then, List<Integer> columns, BitSet marks) {
        for (int from = 0; from < rows.length; ) {
            int first = from;
            int to = Math.min(rows.length, from + step);
            long[] bytes = new long[1];
            this.rows.gather(Arrays.copyOfRange(then, from, to), columns, (at, part) -> {
                for (int c = 0; c < part.size(); c++) {
                    SameValues.markDiffering(now.get(columns.get(c)), rows, first + at, part.get(c), marks);
                    bytes[0] += Columns.bytes(part.get(c));
                }
            });
            adapt(to - from, bytes[0]);
            from = to;
        }
    }

    private void adapt(int read, long bytes) {
        step = Math.clamp(STEP_BYTES / Math.max(1, bytes / read), MIN_STEP_ROWS, MAX_STEP_ROWS);
    }

    /// Some columns of the rows from `from` to `to`, exclusive; at least one row.
    List<Column> read(long from, long to, List<Integer> columns) {
        long[] wanted = new long[Math.toIntExact(to - from)];
        Arrays.setAll(wanted, i -> from + i);
        List<List<Column>> parts = new ArrayList<>();
        rows.gather(wanted, columns, (_, part) -> parts.add(part));
        return IntStream.range(0, columns.size())
                .mapToObj(c -> ColumnParts.concatenated(
                        parts.stream().map(part -> part.get(c)).toList()))
                .toList();
    }

    @Override
    public void close() {
        rows.close();
    }
}
