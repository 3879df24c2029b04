package dev.firn.cli.retrieval;

import dev.firn.cli.render.TextTable;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.parquet.ParquetRows;
import dev.firn.lake.storage.Storage;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A result's rows in the spine's order, read from its Parquet files.
public final class ResultRows {
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
            left = ParquetRows.forEach(storage.input(file.getLocation()), left, consumer);
        }
    }

    /// The first rows as a table.
    public TextTable preview(int rows) {
        TextTable table = new TextTable(columns()).cutLongValues();
        forEach(rows, table::row);
        return table;
    }
}
