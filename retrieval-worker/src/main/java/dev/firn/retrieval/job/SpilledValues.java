package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnSpill;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.retrieval.job.GatheredValues.Chunk;
import dev.firn.retrieval.spine.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// Values that did not fit the memory. The slice's rows are cut into buckets; each time memory is short, the values
/// that are there go to a file of their own, for each bucket the rows that want them one after the other, with the
/// number of the row beside them. Writing the result reads bucket after bucket, a part of each file. So memory is that
/// of one bucket, whatever the number of files.
final class SpilledValues implements AutoCloseable {
    private static final int MOST_BUCKET_ROWS = 1 << 16;
    private static final int LEAST_BUCKET_ROWS = 1 << 8;
    private static final long BUCKET_BYTES = 32L << 20;
    private static final int NO_BUCKET = -1;

    private final Schema schema;
    private final int[] order;
    private final ColumnTasks tasks;
    private final List<ColumnSpill> files = new ArrayList<>();
    private final ReadBuffers buffers = new ReadBuffers();
    private int bucketRows;
    /// The slice's rows that want winner `w`: `rowsOf[firstOf[w]]` to `rowsOf[firstOf[w + 1]]`.
    private int[] firstOf = new int[0];

    private int[] rowsOf = new int[0];
    private int open = NO_BUCKET;
    private List<Column> columns = List.of();

    SpilledValues(List<NestedField> fields, int[] order, ColumnTasks tasks) {
        this.order = order;
        this.tasks = tasks;
        List<NestedField> stored = new ArrayList<>(fields);
        int highest = TypeUtil.indexById(Types.StructType.of(fields)).keySet().stream()
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        stored.add(NestedField.required(highest + 1, "row of the slice", Types.IntegerType.get()));
        this.schema = new Schema(stored.stream().map(SpilledValues::renamed).toList());
    }

    /// Features of different names may be one in a file without regard to case; ids tell them apart.
    private static NestedField renamed(NestedField field) {
        return NestedField.from(field)
                .asOptional()
                .withName("f" + field.fieldId())
                .build();
    }

    boolean any() {
        return !files.isEmpty();
    }

    int bucketRows() {
        return bucketRows;
    }

    /// @param parts by the number of their first winner
    void add(SortedMap<Integer, List<Column>> parts, long bytesPerRow) {
        if (files.isEmpty()) {
            bucketRows = Integer.highestOneBit(
                    Math.clamp(BUCKET_BYTES / Math.max(1, bytesPerRow), LEAST_BUCKET_ROWS, MOST_BUCKET_ROWS));
            invert();
        }
        int buckets = (order.length + bucketRows - 1) / bucketRows;
        int[] next = new int[buckets + 1];
        each(parts, (_, _, row) -> next[row / bucketRows + 1]++);
        for (int b = 1; b <= buckets; b++) {
            next[b] += next[b - 1];
        }
        int[] ends = Arrays.copyOfRange(next, 1, buckets + 1);
        Wanted wanted = new Wanted(next[buckets]);
        each(parts, (part, partRow, row) -> wanted.set(next[row / bucketRows]++, part, partRow, row));
        List<List<Column>> sources = List.copyOf(parts.values());
        try (ColumnSpill.Writer writer = ColumnSpill.create(schema, tasks)) {
            int from = 0;
            for (int b = 0; b < buckets; b++) {
                writer.group(from == ends[b] ? List.of() : taken(sources, wanted, from, ends[b]), ends[b] - from);
                from = ends[b];
            }
            files.add(writer.finish());
        }
    }

    /// Rows of parts, and the rows of the slice that want them.
    private static final class Wanted {
        private final int[] parts;
        private final int[] partRows;
        private final int[] rows;

        Wanted(int size) {
            parts = new int[size];
            partRows = new int[size];
            rows = new int[size];
        }

        void set(int at, int part, int partRow, int row) {
            parts[at] = part;
            partRows[at] = partRow;
            rows[at] = row;
        }
    }

    private interface Visitor {
        void visit(int part, int partRow, int row);
    }

    private void each(Map<Integer, List<Column>> parts, Visitor visitor) {
        int part = 0;
        for (var entry : parts.entrySet()) {
            int size = entry.getValue().getFirst().size();
            for (int i = 0; i < size; i++) {
                int winner = entry.getKey() + i;
                for (int at = firstOf[winner]; at < firstOf[winner + 1]; at++) {
                    visitor.visit(part, i, rowsOf[at]);
                }
            }
            part++;
        }
    }

    private List<Column> taken(List<List<Column>> sources, Wanted wanted, int from, int to) {
        List<List<Column>> pieces = new ArrayList<>();
        for (int at = from; at < to; ) {
            int part = wanted.parts[at];
            int end = at;
            while (end < to && wanted.parts[end] == part) {
                end++;
            }
            int[] rows = Arrays.copyOfRange(wanted.partRows, at, end);
            pieces.add(
                    sources.get(part).stream().map(column -> column.take(rows)).toList());
            at = end;
        }
        List<Column> taken =
                new ArrayList<>(concatenated(pieces, schema.columns().size() - 1));
        taken.add(new IntColumn(Arrays.copyOfRange(wanted.rows, from, to), to - from, Nulls.NONE));
        return taken;
    }

    private static List<Column> concatenated(List<List<Column>> pieces, int columns) {
        List<Column> joined = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
            int column = c;
            joined.add(ColumnParts.concatenated(
                    pieces.stream().map(piece -> piece.get(column)).toList()));
        }
        return joined;
    }

    private void invert() {
        int winners = 0;
        for (int winner : order) {
            winners = Math.max(winners, winner + 1);
        }
        firstOf = new int[winners + 1];
        for (int winner : order) {
            if (winner >= 0) {
                firstOf[winner + 1]++;
            }
        }
        for (int w = 1; w <= winners; w++) {
            firstOf[w] += firstOf[w - 1];
        }
        int[] next = firstOf.clone();
        rowsOf = new int[firstOf[winners]];
        for (int row = 0; row < order.length; row++) {
            if (order[row] >= 0) {
                rowsOf[next[order[row]]++] = row;
            }
        }
    }

    /// Rows of one bucket.
    Chunk rows(int from, int to) {
        int bucket = from / bucketRows;
        if (bucket != open) {
            columns = List.of();
            columns = read(bucket);
            open = bucket;
        }
        List<Column> held = columns;
        int[] range = Columns.range(from - bucket * bucketRows, to - bucket * bucketRows);
        return field -> held.get(field).take(range);
    }

    /// A bucket's values in the order of its rows.
    private List<Column> read(int bucket) {
        List<List<Column>> pieces = new ArrayList<>();
        for (ColumnSpill file : files) {
            file.read(bucket, buffers).ifPresent(pieces::add);
        }
        int first = bucket * bucketRows;
        int[] places = new int[Math.min(bucketRows, order.length - first)];
        Arrays.fill(places, -1);
        int fields = schema.columns().size() - 1;
        if (pieces.isEmpty()) {
            return schema.columns().subList(0, fields).stream()
                    .map(field -> Columns.nulls(field.type(), places.length))
                    .toList();
        }
        int place = 0;
        for (List<Column> piece : pieces) {
            IntColumn rows = (IntColumn) piece.get(fields);
            for (int i = 0; i < rows.size(); i++) {
                places[rows.values()[i] - first] = place++;
            }
        }
        return concatenated(pieces, fields).stream()
                .map(column -> column.take(places))
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
