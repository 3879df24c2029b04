package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.retrieval.spine.SpineRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// All entities of a run that starts from the previous one, in the order of their keys: those of the previous result,
/// and those of rows that came or passed into view. An entity of neither has no feature row. One of these may have none
/// either, if its rows are gone or too old by now: [SliceJoin] leaves it out when it has found none in any view.
///
/// If the previous result cannot be read to its end, the rest are the entities of the whole tables, from the
/// last key on that was handed out. For one thread.
final class RefreshedEntities implements SpineRows {
    private static final int CHUNK_ROWS = 1 << 13;

    private final Keys keys;
    private final CollectedKeys came;
    private final SpineRows whole;
    private final Limits limits;
    private final Consumer<RuntimeException> faults;
    private final Source earlier;
    private final Source fresh;

    /// Whether rows are those of the previous result, from the first one on that [#takeEarlier] has not told of.
    private BitSet isEarlier = new BitSet();

    private int told;
    private int handedOut;
    private boolean isWhole;
    private @Nullable Held last;

    /// @param earlierRows of the previous result
    /// @param maxRows the most rows that a spine may have
    record Limits(long earlierRows, long maxRows) {}

    /// How keys are held, compared and handed out.
    private record Keys(List<Type> types, List<KeyCast> casts, List<KeyOrder> orders) {
        static Keys of(Schema schema) {
            List<Type> types = schema.columns().stream().map(NestedField::type).toList();
            return new Keys(
                    types,
                    types.stream()
                            .map(type -> KeyCast.between(type, type).orElseThrow())
                            .toList(),
                    types.stream().map(KeyCast::order).toList());
        }

        Held held(List<Column> columns, int rows) {
            List<Column> held = new ArrayList<>();
            for (int k = 0; k < types.size(); k++) {
                held.add(casts.get(k).apply(columns.get(k)));
            }
            return new Held(held, rows);
        }

        int compare(Held one, int i, Held other, int j) {
            for (int k = 0; k < types.size(); k++) {
                int order = orders.get(k)
                        .compare(one.columns().get(k), i, other.columns().get(k), j);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        RowChunk chunk(Held one, Held other, int[] order) {
            List<Column> columns = new ArrayList<>();
            for (int k = 0; k < types.size(); k++) {
                Column both = ColumnParts.concatenated(
                        List.of(one.columns().get(k), other.columns().get(k)));
                columns.add(KeyCast.toTableType(both.take(order), types.get(k)));
            }
            return new RowChunk(columns, order.length);
        }
    }

    /// Keys in the form of the engine, ascending.
    private record Held(List<Column> columns, int rows) {}

    /// Keys that arrive in chunks.
    private abstract static class Source {
        private @Nullable Held chunk;
        private int at;

        abstract Optional<Held> next();

        /// The chunk with the next key; null at the end.
        @Nullable
        Held chunk() {
            if (chunk == null || at == chunk.rows()) {
                chunk = next().orElse(null);
                at = 0;
            }
            return chunk;
        }
    }

    /// @param came collects the keys of rows that came or passed into view
    /// @param whole collects the keys of the whole tables
    /// @param faults learns why the rest of the keys are those of the whole tables, and rethrows a cancellation
    RefreshedEntities(
            StoredColumns result,
            CollectedKeys came,
            SpineRows whole,
            Limits limits,
            Consumer<RuntimeException> faults) {
        this.keys = Keys.of(whole.schema());
        this.came = came;
        this.whole = whole;
        this.limits = limits;
        this.faults = faults;
        this.fresh = new Source() {
            @Override
            Optional<Held> next() {
                return came.next().map(keys -> RefreshedEntities.this.keys.held(keys.columns(), keys.rows()));
            }
        };
        List<Integer> columns =
                IntStream.range(0, whole.schema().columns().size()).boxed().toList();
        this.earlier = new Source() {
            private long read;

            @Override
            Optional<Held> next() {
                int rows = (int) Math.min(CHUNK_ROWS, limits.earlierRows() - read);
                if (rows == 0) {
                    return Optional.empty();
                }
                List<Column> values = result.range(read, read + rows, columns);
                read += rows;
                return Optional.of(keys.held(values, rows));
            }
        };
    }

    @Override
    public Schema schema() {
        return whole.schema();
    }

    @Override
    public Optional<RowChunk> next() {
        if (!isWhole) {
            try {
                return merged();
            } catch (RuntimeException e) {
                faults.accept(e);
                isWhole = true;
            }
        }
        return rest();
    }

    private Optional<RowChunk> merged() {
        Held added = fresh.chunk();
        if (handedOut == 0 && limits.earlierRows() + came.collected() > limits.maxRows()) {
            throw new UnusableState("the entities of both runs may be more than a spine may have");
        }
        Held old = earlier.chunk();
        if (old == null || added == null) {
            Source left = old == null ? fresh : earlier;
            Held chunk = old == null ? added : old;
            return chunk == null ? Optional.empty() : Optional.of(handOut(left, chunk));
        }
        int[] order = new int[old.rows() - earlier.at + added.rows() - fresh.at];
        int n = 0;
        while (earlier.at < old.rows() && fresh.at < added.rows()) {
            int compared = keys.compare(old, earlier.at, added, fresh.at);
            isEarlier.set(handedOut - told + n, compared <= 0);
            order[n++] = compared <= 0 ? earlier.at : old.rows() + fresh.at;
            earlier.at += compared <= 0 ? 1 : 0;
            fresh.at += compared >= 0 ? 1 : 0;
        }
        return Optional.of(handedOut(keys.chunk(old, added, Arrays.copyOf(order, n))));
    }

    /// What is left of one source's chunk.
    private RowChunk handOut(Source source, Held chunk) {
        int[] order = IntStream.range(source.at, chunk.rows()).toArray();
        source.at = chunk.rows();
        isEarlier.set(handedOut - told, handedOut - told + order.length, source == earlier);
        return handedOut(keys.chunk(chunk, new Held(empty(chunk), 0), order));
    }

    private static List<Column> empty(Held chunk) {
        return chunk.columns().stream().map(column -> column.take(new int[0])).toList();
    }

    private RowChunk handedOut(RowChunk chunk) {
        handedOut = Math.addExact(handedOut, chunk.rows());
        last = keys.held(chunk.part(chunk.rows() - 1, chunk.rows()).columns(), 1);
        return chunk;
    }

    private Optional<RowChunk> rest() {
        for (RowChunk chunk = whole.next().orElse(null);
                chunk != null;
                chunk = whole.next().orElse(null)) {
            Held held = keys.held(chunk.columns(), chunk.rows());
            int from = 0;
            while (last != null && from < chunk.rows() && keys.compare(held, from, last, 0) <= 0) {
                from++;
            }
            if (from < chunk.rows()) {
                return Optional.of(from == 0 ? chunk : chunk.part(from, chunk.rows()));
            }
        }
        return Optional.empty();
    }

    /// For each of the next rows, the number of its predecessor among the predecessors of these rows, or -1.
    int[] takeEarlier(int rows) {
        int[] places = new int[rows];
        int n = 0;
        for (int row = 0; row < rows; row++) {
            places[row] = isEarlier.get(row) ? n++ : -1;
        }
        told += rows;
        isEarlier = isEarlier.get(rows, Math.max(rows, isEarlier.length()));
        return places;
    }

    @Override
    public void close() {
        came.close();
    }
}
