package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.ObjectColumn;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.parquet.column.page.PageReadStore;

/// A list, map or struct column, read row by row with Iceberg's generic reader.
final class NestedCursor implements ColumnCursor {
    private final FileColumn.Nested column;
    private final ParquetValueReader<Record> reader;
    private long row;
    private ObjectColumn.Builder gathered = new ObjectColumn.Builder(0);

    NestedCursor(FileColumn.Nested column, PageReadStore pages) {
        this.column = column;
        try {
            reader = GenericParquetReaders.buildReader(column.projection(), column.fileSchema(), Map.of());
            reader.setPageSource(pages);
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
            return reader.read(null);
        } catch (RuntimeException e) {
            throw CorruptParquetException.ofLibrary("column " + column.field().name(), e);
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
