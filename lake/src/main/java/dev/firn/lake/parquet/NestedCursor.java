package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.ObjectColumn;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// A list, map or struct column, read row by row with Iceberg's generic reader.
final class NestedCursor implements ColumnCursor {
    private final FileColumn.Nested column;
    private final ParquetValueReader<Record> reader;
    private final boolean hasInt96;
    private long row;
    private ObjectColumn.Builder gathered = new ObjectColumn.Builder(0);

    NestedCursor(FileColumn.Nested column, PageReadStore pages) {
        this.column = column;
        this.hasInt96 = column.fileSchema().getColumns().stream()
                .anyMatch(leaf -> leaf.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96);
        try {
            reader = GenericParquetReaders.buildReader(column.projection(), column.fileSchema(), Map.of());
            reader.setPageSource(pages);
        } catch (CorruptParquetException e) {
            throw new CorruptParquetException(
                    "column %s: %s".formatted(column.field().name(), e.getMessage()), e);
        } catch (RuntimeException e) {
            throw CorruptParquetException.ofLibrary("column " + column.field().name(), e);
        }
    }

    @Override
    public void skip(long rows) {
        for (long i = 0; i < rows; i++) {
            next();
        }
    }

    @Override
    public void read(int rows) {
        for (int i = 0; i < rows; i++) {
            Object value = next().get(0);
            if (value == null) {
                gathered.appendNull();
            } else {
                gathered.append(value);
            }
        }
    }

    @Override
    public void read(RowSelection rows) {
        for (int i = 0; i < rows.size(); i++) {
            skip(rows.row(i) - row);
            read(1);
        }
    }

    @SuppressWarnings("NullAway") // Iceberg: null for "no record to reuse"
    private Record next() {
        row++;
        try {
            Record next = reader.read(null);
            if (hasInt96) {
                requireWholeMicros(next.get(0));
            }
            return next;
        } catch (RuntimeException e) {
            throw CorruptParquetException.ofLibrary("column " + column.field().name(), e);
        }
    }

    /// Iceberg's reader keeps the nanoseconds of an INT96, but the column's type is of microseconds.
    private void requireWholeMicros(@Nullable Object value) {
        switch (value) {
            case OffsetDateTime time
            when time.getNano() % 1_000 != 0 ->
                throw new UnreadableColumnException(
                        "column %s has the INT96 time %s, which is not a whole number of microseconds"
                                .formatted(column.field().name(), time));
            case Record struct -> {
                for (int i = 0; i < struct.size(); i++) {
                    requireWholeMicros(struct.get(i));
                }
            }
            case Collection<?> list -> list.forEach(this::requireWholeMicros);
            case Map<?, ?> map -> {
                requireWholeMicros(map.keySet());
                requireWholeMicros(map.values());
            }
            case null, default -> {}
        }
    }

    @Override
    public Column view() {
        return gathered.build();
    }

    @Override
    public void clear() {
        gathered = new ObjectColumn.Builder(0);
    }

    @Override
    public Column take() {
        Column column = gathered.build();
        clear();
        return column;
    }
}
