package dev.firn.cli.retrieval;

import dev.firn.cli.render.Cells;
import dev.firn.cli.render.TextTable;
import dev.firn.engine.Column;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.parquet.ParquetSource;
import dev.firn.lake.storage.Storage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A result's rows in the spine's order, read from its Parquet files.
public final class ResultRows {
    private static final int BATCH_ROWS = 4096;

    private final Storage storage;
    private final RetrievalResult result;

    public ResultRows(Storage storage, RetrievalResult result) {
        this.storage = storage;
        this.result = result;
    }

    public List<String> columns() {
        return result.getColumns().stream().map(column -> column.getName()).toList();
    }

    /// Passes the first rows to a consumer.
    public void forEach(long limit, Consumer<List<@Nullable Object>> consumer) {
        long left = Math.min(limit, result.getRows());
        for (ResultFile file : result.getFiles()) {
            if (left <= 0) {
                return;
            }
            left = forEach(file, left, consumer);
        }
    }

    private long forEach(ResultFile file, long limit, Consumer<List<@Nullable Object>> consumer) {
        long left = limit;
        try (ParquetSource source = ParquetSource.open(storage.input(file.getLocation()))) {
            Schema schema = source.schema();
            List<Types.NestedField> fields = schema.columns();
            Iterator<List<Column>> batches = source.batches(
                    fields.stream().map(Types.NestedField::name).toList(), (int) Math.min(BATCH_ROWS, limit));
            while (left > 0 && batches.hasNext()) {
                List<Column> batch = batches.next();
                int rows = (int) Math.min(left, batch.getFirst().size());
                for (int row = 0; row < rows; row++) {
                    List<@Nullable Object> values = new ArrayList<>(fields.size());
                    for (int i = 0; i < fields.size(); i++) {
                        values.add(Cells.value(fields.get(i).type(), batch.get(i), row));
                    }
                    consumer.accept(values);
                }
                left -= rows;
            }
        }
        return left;
    }

    /// The first rows as a table.
    public TextTable preview(int rows) {
        TextTable table = new TextTable(columns()).cutLongValues();
        forEach(rows, table::row);
        return table;
    }
}
