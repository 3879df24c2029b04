package dev.firn.retrieval.job;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ConstantColumns;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.changes.Alignment;
import dev.firn.retrieval.job.refresh.UnusableState;
import dev.firn.service.result.ResultLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// Writes the files of a run's changes, and counts them. Each row has what happened to it, its number, and the columns
/// of the result. For one thread.
///
/// The words for what happened are those of Iceberg's and Flink's changelogs. The number is that in the new result; for
/// a DELETE, it is that in the result before, and the features are null.
final class ChangeFiles implements AutoCloseable {
    static final String CHANGE_TYPE = "_change_type";
    static final String ROW_NUMBER = "_row_number";
    static final String INSERT = "INSERT";
    static final String UPDATE = "UPDATE_AFTER";
    static final String DELETE = "DELETE";

    private static final int OWN_COLUMNS = 2;

    private final Schema result;
    private final String folder;
    private final PartFiles files;
    private long updated;
    private long added;
    private long removed;

    /// @param folder of the try's files
    /// @throws UnusableState if a column of the result has the name of one of the changes' own
    ChangeFiles(Storage storage, String folder, Schema result, int rowsPerFile, ColumnTasks tasks) {
        this.result = result;
        this.folder = ResultLayout.changesFolder(folder);
        this.files = new PartFiles(storage, this.folder, schema(result), rowsPerFile, tasks);
    }

    private static Schema schema(Schema result) {
        for (NestedField field : result.columns()) {
            if (field.name().equalsIgnoreCase(CHANGE_TYPE) || field.name().equalsIgnoreCase(ROW_NUMBER)) {
                throw new UnusableState("the result has a column '%s'".formatted(field.name()));
            }
        }
        List<NestedField> fields = new ArrayList<>();
        int last = result.highestFieldId();
        fields.add(NestedField.optional(last + 1, CHANGE_TYPE, Types.StringType.get()));
        fields.add(NestedField.optional(last + 2, ROW_NUMBER, Types.LongType.get()));
        fields.addAll(result.columns());
        return new Schema(fields);
    }

    /// Writes rows of the new result: those that are marked as differing, and those that were added.
    ///
    /// @param first number of the first row
    /// @param then for each row, its number in the result before
    void write(List<Column> columns, long first, long[] then, BitSet differing) {
        int[] rows = IntStream.range(0, then.length)
                .filter(row -> then[row] == Alignment.ADDED || differing.get(row))
                .toArray();
        if (rows.length == 0) {
            return;
        }
        BytesColumn.Builder types = new BytesColumn.Builder(rows.length);
        long[] numbers = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            boolean isNew = then[rows[i]] == Alignment.ADDED;
            types.append(isNew ? INSERT : UPDATE);
            numbers[i] = first + rows[i];
            added += isNew ? 1 : 0;
            updated += isNew ? 0 : 1;
        }
        write(types.build(), numbers, rows, columns);
    }

    /// Writes rows that only the result before has.
    ///
    /// @param spine columns of the spine
    void writeRemoved(List<Column> spine, int[] rows, long[] numbers) {
        BytesColumn.Builder types = new BytesColumn.Builder(rows.length);
        for (int i = 0; i < rows.length; i++) {
            types.append(DELETE);
        }
        removed += rows.length;
        write(types.build(), numbers, rows, spine);
    }

    private void write(Column types, long[] numbers, int[] rows, List<Column> columns) {
        files.write(
                i -> switch (i) {
                    case 0 -> types;
                    case 1 -> new LongColumn(numbers, numbers.length, Nulls.NONE);
                    default -> column(i - OWN_COLUMNS, rows, columns);
                },
                rows.length);
    }

    /// Null in columns that are not given.
    private Column column(int index, int[] rows, List<Column> columns) {
        return index < columns.size()
                ? columns.get(index).take(rows)
                : ConstantColumns.of(result.columns().get(index).type(), null, rows.length);
    }

    List<ResultFiles.File> finish() {
        return files.finish();
    }

    String folder() {
        return folder;
    }

    long updated() {
        return updated;
    }

    long added() {
        return added;
    }

    long removed() {
        return removed;
    }

    /// Deletes what was written.
    void delete() {
        files.delete();
    }

    @Override
    public void close() {
        files.close();
    }
}
