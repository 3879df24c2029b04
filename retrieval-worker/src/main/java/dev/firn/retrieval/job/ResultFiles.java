package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.events.ResultColumn;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.Reason;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ReadOutages;
import dev.firn.lake.parquet.WrittenFile;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The Parquet files of one attempt. Names are zero-padded, so they sort in the order of the rows. An empty result is
/// one file without rows, so that its columns can still be read. For one thread.
public final class ResultFiles implements AutoCloseable {
    private final Storage storage;
    private final String folder;
    private final Schema schema;
    private final int rowsPerFile;
    private final ColumnTasks tasks;
    private final ContentDigest digest;
    private final long[] nulls;
    private final List<File> finished = new ArrayList<>();
    private @Nullable ParquetResult open;
    private long openRows;
    private long rows;

    /// A finished file.
    public record File(String location, long rows, long bytes, String sha256) {
        static File of(WrittenFile file) {
            return new File(file.location(), file.rows(), file.bytes(), file.sha256());
        }
    }

    public ResultFiles(Storage storage, String folder, Schema schema, int rowsPerFile, int threads) {
        this.storage = storage;
        this.folder = folder;
        this.schema = schema;
        this.rowsPerFile = rowsPerFile;
        this.tasks = new ColumnTasks(threads);
        this.digest = new ContentDigest(schema);
        this.nulls = new long[schema.columns().size()];
    }

    /// Writes the next `count` rows. Columns are assembled, digested and written in parallel, each column by one
    /// thread.
    public void write(IntFunction<Column> source, int count) {
        @Nullable Column[] chunk = new Column[nulls.length];
        IntFunction<Column> digested = i -> {
            Column column = chunk[i];
            if (column == null) {
                column = source.apply(i);
                digest.add(i, column, count);
                nulls[i] += column.nulls().count();
                chunk[i] = column;
            }
            return column;
        };
        digest.addRows(count);
        rows += count;
        int from = 0;
        while (from < count) {
            ParquetResult file = open();
            int begin = from;
            int to = (int) Math.min(count, from + rowsPerFile - openRows);
            stored(() -> {
                file.write(digested, begin, to);
                return true;
            });
            openRows += to - from;
            from = to;
            if (openRows == rowsPerFile) {
                finishOpen();
            }
        }
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
            finished.add(File.of(stored(open::finish)));
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
    public List<File> finish() {
        if (finished.isEmpty()) {
            open();
        }
        finishOpen();
        return List.copyOf(finished);
    }

    /// The threads that work on columns.
    ColumnTasks tasks() {
        return tasks;
    }

    Schema schema() {
        return schema;
    }

    long rows() {
        return rows;
    }

    public String digest() {
        return digest.hex();
    }

    List<ResultColumn> columns(CheckedRequest request, List<BoundView> views) {
        int features = request.features().size();
        int extras = request.request().getIncludeEventTimestamps() ? views.size() : 0;
        int spine = schema.columns().size() - features - extras;
        List<ResultColumn> columns = new ArrayList<>();
        for (int i = 0; i < schema.columns().size(); i++) {
            NestedField field = schema.columns().get(i);
            AskedFeature feature =
                    i >= spine && i < spine + features ? request.features().get(i - spine) : null;
            columns.add(ResultColumn.newBuilder()
                    .setName(field.name())
                    .setType(field.type().toString())
                    .setFeature(feature == null ? null : feature.reference())
                    .setNulls(nulls[i])
                    .build());
        }
        return columns;
    }

    /// Abandons an unfinished file.
    @Override
    public void close() {
        tasks.close();
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
