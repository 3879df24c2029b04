package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.Reason;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ReadOutages;
import dev.firn.lake.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// The Parquet files of one folder. Names are zero-padded, so they sort in the order of the rows. Without rows there is
/// one file all the same, so that the columns can be read. For one thread.
final class PartFiles implements AutoCloseable {
    private final Storage storage;
    private final String folder;
    private final Schema schema;
    private final int rowsPerFile;
    private final ColumnTasks tasks;
    private final List<ResultFiles.File> finished = new ArrayList<>();
    private @Nullable ParquetResult open;
    private long openRows;

    PartFiles(Storage storage, String folder, Schema schema, int rowsPerFile, ColumnTasks tasks) {
        this.storage = storage;
        this.folder = folder;
        this.schema = schema;
        this.rowsPerFile = rowsPerFile;
        this.tasks = tasks;
    }

    /// Writes the next `count` rows, and returns their columns. Columns are made and written in parallel, each by one
    /// thread, and made once.
    List<Column> write(IntFunction<Column> source, int count) {
        @Nullable Column[] made = new Column[schema.columns().size()];
        IntFunction<Column> columns = i -> {
            Column column = made[i];
            if (column == null) {
                column = source.apply(i);
                made[i] = column;
            }
            return column;
        };
        int from = 0;
        while (from < count) {
            ParquetResult file = open();
            int begin = from;
            int to = (int) Math.min(count, from + rowsPerFile - openRows);
            stored(() -> {
                file.write(columns, begin, to);
                return true;
            });
            openRows += to - from;
            from = to;
            if (openRows == rowsPerFile) {
                finishOpen();
            }
        }
        List<Column> written = new ArrayList<>();
        for (Column column : made) {
            written.add(Objects.requireNonNull(column));
        }
        return written;
    }

    private ParquetResult open() {
        ParquetResult file = open;
        if (file == null) {
            String location = "%s/part-%08d.parquet".formatted(folder, finished.size());
            file = stored(() -> ParquetResult.create(storage.output(location), schema, tasks));
            open = file;
            openRows = 0;
        }
        return file;
    }

    private void finishOpen() {
        if (open != null) {
            finished.add(ResultFiles.File.of(stored(open::finish)));
            open = null;
        }
    }

    /// A store that refuses writes counts as unavailable, like one that refuses reads.
    private <T> T stored(Supplier<T> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            if (e instanceof LakeException || !ReadOutages.isOfTheStore(e)) {
                throw e;
            }
            throw new LakeOutage(
                    LakeCode.STORAGE_UNAVAILABLE,
                    "[%s] the result could not be written: %s".formatted(folder, Reason.of(e)),
                    e);
        }
    }

    /// Completes the last file and returns all files.
    List<ResultFiles.File> finish() {
        if (finished.isEmpty()) {
            open();
        }
        finishOpen();
        return List.copyOf(finished);
    }

    /// Deletes what was written.
    void delete() {
        close();
        storage.delete(finished.stream().map(ResultFiles.File::location).toList());
        finished.clear();
    }

    /// Abandons an unfinished file.
    @Override
    public void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
