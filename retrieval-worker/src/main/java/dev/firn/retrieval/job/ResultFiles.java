package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.events.ResultColumn;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.WrittenFile;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/// The Parquet files of one attempt, and what is counted of their content. For one thread.
public final class ResultFiles implements AutoCloseable {
    private final Schema schema;
    private final ColumnTasks tasks;
    private final PartFiles parts;
    private final ContentDigest digest;
    private final long[] nulls;
    private long rows;

    /// A finished file.
    public record File(String location, long rows, long bytes, String sha256) {
        static File of(WrittenFile file) {
            return new File(file.location(), file.rows(), file.bytes(), file.sha256());
        }
    }

    public ResultFiles(Storage storage, String folder, Schema schema, int rowsPerFile, int threads) {
        this.schema = schema;
        this.tasks = new ColumnTasks(threads);
        this.parts = new PartFiles(storage, folder, schema, rowsPerFile, tasks);
        this.digest = new ContentDigest(schema);
        this.nulls = new long[schema.columns().size()];
    }

    /// Writes the next `count` rows, and returns their columns. Columns are assembled, digested and written
    /// in parallel, each column by one thread.
    public List<Column> write(IntFunction<Column> source, int count) {
        digest.addRows(count);
        rows += count;
        return parts.write(
                i -> {
                    Column column = source.apply(i);
                    digest.add(i, column, count);
                    nulls[i] += column.nulls().count();
                    return column;
                },
                count);
    }

    /// Completes the last file and returns all files.
    public List<File> finish() {
        return parts.finish();
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
        parts.close();
    }
}
