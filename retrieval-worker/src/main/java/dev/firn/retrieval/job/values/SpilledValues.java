package dev.firn.retrieval.job.values;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnSpill;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.retrieval.job.values.GatheredValues.Chunk;
import dev.firn.retrieval.spine.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// The values of one view that did not fit in memory.
///
/// ## How
/// The rows of the slice are cut into buckets of `bucketRows` rows. Each time memory is short, the values gathered so
/// far go to a new file with one row group per bucket. A group holds the values that the bucket's rows want, each once,
/// and beside them the winners' numbers.
///
/// ```text
/// rows    0 … bucketRows - 1 | bucketRows … 2 · bucketRows - 1 | …
/// file 0  group 0            | group 1                         | …    the first spill
/// file 1  group 0            | group 1                         | …    the second spill
/// ```
///
/// Writing the result goes through the rows in order and reads, for bucket `b`, group `b` of every file. So
/// memory is that of one bucket, however many files there are. If a bucket's values turn out too wide, the
/// bucket is read in several **windows** of rows, each of which wants at most [#BUCKET_BYTES].
///
/// *Invariant:* the values of a winner are in exactly one file, because the parts that arrive are disjoint; there, once
/// in the group of each bucket with a row that wants it. `bucketRows` is chosen at the first spill, by the mean width
/// so far, and never changes.
///
/// ## Who owns what
/// [#add] runs under the lock of [GatheredValues]. After the last call, one thread alternates between [#end], which
/// opens the window `first` to `end` and lists its distinct `winners`, and [#rows]. The first `rows` of a window reads
/// `columns` and sets `placeOf`: the values of `winners[i]` are row `placeOf[i]` of the columns. A [Chunk] captures the
/// columns and an array of its own, and so can be used by any thread until the window is left.
///
/// ## Why this way
/// Values arrive in the table's order and are needed in the spine's order. A merge of sorted runs would hold a page of
/// every column of every run in memory; see `docs/decisions/0003-gathered-values-spill-in-buckets.md`. The cost is that
/// a winner is stored once for each bucket that wants it. Memory beside the values is 8 bytes per row of the slice for
/// [WinnerRows], and 12 bytes per stored value while a file is written.
final class SpilledValues implements AutoCloseable {
    private static final int MAX_BUCKET_ROWS = 1 << 16;
    private static final int MIN_BUCKET_ROWS = 1 << 8;
    private static final long BUCKET_BYTES = 32L << 20;

    /// Values that are concatenated at once on their way to a file.
    private static final long PIECE_BYTES = 8L << 20;

    private final Schema schema;
    private final int[] order;
    private final WinnerBytes winnerBytes;
    private final ColumnTasks tasks;
    private final List<ColumnSpill> files = new ArrayList<>();
    private final ReadBuffers buffers = new ReadBuffers();
    private int bucketRows;
    private WinnerRows winnerRows = WinnerRows.NONE;

    /// The window of rows, all of one bucket; its winners, ascending; and for each the row of its values in `columns`.
    private int first;

    private int end;
    private int[] winners = new int[0];
    private int[] placeOf = new int[0];
    private List<Column> columns = List.of();

    SpilledValues(List<NestedField> fields, int[] order, WinnerBytes winnerBytes, ColumnTasks tasks) {
        this.order = order;
        this.winnerBytes = winnerBytes;
        this.tasks = tasks;
        List<NestedField> stored = new ArrayList<>(fields);
        int highest = TypeUtil.indexById(Types.StructType.of(fields)).keySet().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        stored.add(NestedField.required(highest + 1, "winner", Types.IntegerType.get()));
        this.schema = new Schema(stored.stream().map(SpilledValues::renamed).toList());
    }

    /// Names of features may differ only in case, which a file does not allow. Field ids always differ.
    private static NestedField renamed(NestedField field) {
        return NestedField.from(field)
                .asOptional()
                .withName("f" + field.fieldId())
                .build();
    }

    boolean hasFiles() {
        return !files.isEmpty();
    }

    /// Writes a file.
    ///
    /// @param parts by the number of their first winner
    /// @param bytesPerRow mean width so far
    void add(SortedMap<Integer, List<Column>> parts, long bytesPerRow) {
        if (files.isEmpty()) {
            bucketRows = Integer.highestOneBit(
                    Math.clamp(BUCKET_BYTES / Math.max(1, bytesPerRow), MIN_BUCKET_ROWS, MAX_BUCKET_ROWS));
            winnerRows = WinnerRows.of(order);
        }
        int buckets = (order.length + bucketRows - 1) / bucketRows;
        int[] next = new int[buckets + 1];
        forEachWanted(parts, (bucket, _, _, _) -> next[bucket + 1]++);
        for (int b = 1; b <= buckets; b++) {
            next[b] += next[b - 1];
        }
        int[] ends = Arrays.copyOfRange(next, 1, buckets + 1);
        Wanted wanted = new Wanted(next[buckets]);
        forEachWanted(parts, (bucket, part, partRow, winner) -> wanted.set(next[bucket]++, part, partRow, winner));
        List<List<Column>> sources = List.copyOf(parts.values());
        try (ColumnSpill.Writer writer = ColumnSpill.create(schema, tasks)) {
            int from = 0;
            for (int bucketEnd : ends) {
                while (from < bucketEnd) {
                    int to = pieceEnd(wanted, from, bucketEnd);
                    writer.write(taken(sources, wanted, from, to), to - from);
                    from = to;
                }
                writer.endGroup();
            }
            files.add(writer.finish());
        }
    }

    /// What to write, bucket by bucket: rows of parts, and the numbers of their winners. Parallel arrays.
    private static final class Wanted {
        private final int[] parts;
        private final int[] partRows;
        private final int[] winners;

        Wanted(int size) {
            parts = new int[size];
            partRows = new int[size];
            winners = new int[size];
        }

        void set(int at, int part, int partRow, int winner) {
            parts[at] = part;
            partRows[at] = partRow;
            winners[at] = winner;
        }
    }

    private interface Visitor {
        void visit(int bucket, int part, int partRow, int winner);
    }

    /// Visits every winner of the parts in order, once for each bucket that wants it.
    private void forEachWanted(Map<Integer, List<Column>> parts, Visitor visitor) {
        int[] firstOf = winnerRows.firstOf();
        int[] rowsOf = winnerRows.rowsOf();
        int part = 0;
        for (var entry : parts.entrySet()) {
            int size = entry.getValue().getFirst().size();
            for (int i = 0; i < size; i++) {
                int winner = entry.getKey() + i;
                int last = -1;
                for (int at = firstOf[winner]; at < firstOf[winner + 1]; at++) {
                    int bucket = rowsOf[at] / bucketRows;
                    if (bucket != last) {
                        visitor.visit(bucket, part, i, winner);
                        last = bucket;
                    }
                }
            }
            part++;
        }
    }

    private int pieceEnd(Wanted wanted, int from, int limit) {
        long taken = winnerBytes.of(wanted.winners[from]);
        int to = from + 1;
        while (to < limit && taken + winnerBytes.of(wanted.winners[to]) <= PIECE_BYTES) {
            taken += winnerBytes.of(wanted.winners[to++]);
        }
        return to;
    }

    private List<Column> taken(List<List<Column>> sources, Wanted wanted, int from, int to) {
        List<List<Column>> pieces = new ArrayList<>();
        for (int at = from; at < to; ) {
            int part = wanted.parts[at];
            int next = at;
            while (next < to && wanted.parts[next] == part) {
                next++;
            }
            int[] rows = Arrays.copyOfRange(wanted.partRows, at, next);
            pieces.add(
                    sources.get(part).stream().map(column -> column.take(rows)).toList());
            at = next;
        }
        List<Column> taken = new ArrayList<>(concatenated(pieces));
        taken.add(new IntColumn(Arrays.copyOfRange(wanted.winners, from, to), to - from, Nulls.NONE));
        return taken;
    }

    private List<Column> concatenated(List<List<Column>> pieces) {
        List<Column> joined = new ArrayList<>();
        for (int c = 0; c < fields(); c++) {
            int column = c;
            joined.add(ColumnParts.concatenated(
                    pieces.stream().map(piece -> piece.get(column)).toList()));
        }
        return joined;
    }

    private int fields() {
        return schema.columns().size() - 1;
    }

    /// Where the window of row `from` ends. Opens the next window if `from` is beyond the current one.
    int end(int from) {
        if (from >= end) {
            columns = List.of();
            int bucketEnd = Math.min(order.length, (from / bucketRows + 1) * bucketRows);
            first = from;
            end = winnerBytes.endShared(from, bucketEnd, BUCKET_BYTES);
            winners = IntStream.range(first, end)
                    .map(row -> order[row])
                    .filter(winner -> winner >= 0)
                    .sorted()
                    .distinct()
                    .toArray();
            placeOf = new int[winners.length];
        }
        return end;
    }

    /// The rows `from` to `to` (exclusive) of the current window.
    Chunk rows(int from, int to) {
        if (columns.isEmpty()) {
            columns = read(first / bucketRows);
        }
        List<Column> held = columns;
        int[] places = new int[to - from];
        for (int i = 0; i < places.length; i++) {
            int winner = order[from + i];
            places[i] = winner < 0 ? -1 : placeOf[Arrays.binarySearch(winners, winner)];
        }
        return field -> held.get(field).take(places);
    }

    /// The values of the window's winners, file after file.
    private List<Column> read(int bucket) {
        List<List<Column>> pieces = new ArrayList<>();
        int place = 0;
        for (ColumnSpill file : files) {
            int[] stored = file.column(bucket, fields(), buffers)
                    .map(numbers -> Arrays.copyOf(((IntColumn) numbers).values(), numbers.size()))
                    .orElse(new int[0]);
            long[] rows = IntStream.range(0, stored.length)
                    .filter(row -> Arrays.binarySearch(winners, stored[row]) >= 0)
                    .asLongStream()
                    .toArray();
            if (rows.length > 0) {
                for (long row : rows) {
                    placeOf[Arrays.binarySearch(winners, stored[(int) row])] = place++;
                }
                pieces.add(IntStream.range(0, fields())
                        .mapToObj(c -> file.column(bucket, c, rows, buffers))
                        .toList());
            }
        }
        return pieces.isEmpty() ? withoutRows() : concatenated(pieces);
    }

    private List<Column> withoutRows() {
        return schema.columns().subList(0, fields()).stream()
                .map(field -> Columns.nulls(field.type(), 0))
                .toList();
    }

    @Override
    public void close() {
        buffers.close();
        columns = List.of();
        files.forEach(ColumnSpill::close);
        files.clear();
    }
}
