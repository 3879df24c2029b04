package dev.firn.retrieval.spine;

import dev.firn.schemas.Code;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// Rows from the request itself. Null is null, and an empty value is the empty string (docs/semantics.md rule 8).
final class InlineRows implements SpineRows {
    private final TextColumns columns;
    private final List<List<@Nullable String>> rows;
    private boolean read;

    InlineRows(List<String> names, List<List<@Nullable String>> rows, Map<String, Type> types, ZoneId zone) {
        this.columns = TextColumns.of(names, types, zone);
        this.rows = rows;
    }

    @Override
    public Schema schema() {
        return columns.schema();
    }

    @Override
    public Optional<RowChunk> next() {
        if (read || rows.isEmpty()) {
            return Optional.empty();
        }
        read = true;
        int width = schema().columns().size();
        TextColumns.Rows chunk = columns.rows(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            List<@Nullable String> row = rows.get(i);
            Row where = new Row(i);
            if (row.size() != width) {
                throw new SpineFault(
                        Code.SPINE_VALUE_INVALID,
                        where.field(),
                        "[%s] the row has %d values for %d columns.".formatted(where.text(), row.size(), width));
            }
            for (int c = 0; c < width; c++) {
                chunk.append(c, row.get(c), where);
            }
            chunk.endRow();
        }
        return Optional.of(chunk.build());
    }

    @Override
    public void close() {}

    private record Row(int index) implements TextColumns.Coordinates {
        @Override
        public String field() {
            return "spine.rows[" + index + "]";
        }

        @Override
        public String text() {
            return "row " + (index + 1);
        }
    }
}
