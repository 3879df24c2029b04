package dev.firn.retrieval.spine;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.ColumnParts;
import java.util.ArrayList;
import java.util.List;

/// Consecutive rows of a spine: one column per field of its schema.
public record RowChunk(List<Column> columns, int rows) {
    public RowChunk {
        columns = List.copyOf(columns);
    }

    public long bytes() {
        return columns.stream().mapToLong(Columns::bytes).sum();
    }

    /// Rows `from` (inclusive) to `to` (exclusive).
    public RowChunk part(int from, int to) {
        int[] range = Columns.range(from, to);
        return new RowChunk(columns.stream().map(column -> column.take(range)).toList(), to - from);
    }

    public static RowChunk concat(List<RowChunk> chunks) {
        RowChunk first = chunks.getFirst();
        if (chunks.size() == 1) {
            return first;
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < first.columns().size(); i++) {
            int column = i;
            columns.add(ColumnParts.concatenated(
                    chunks.stream().map(chunk -> chunk.columns().get(column)).toList()));
        }
        return new RowChunk(
                columns,
                Math.toIntExact(chunks.stream().mapToLong(RowChunk::rows).sum()));
    }
}
