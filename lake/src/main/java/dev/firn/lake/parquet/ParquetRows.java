package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The first rows of a Parquet file, as values of the JDK: for people.
public final class ParquetRows {
    private static final int BATCH_ROWS = 4096;

    private ParquetRows() {}

    /// Passes at most `limit` rows to `consumer`, with the values in the order of the file's columns.
    ///
    /// @return how many rows of the limit are left
    public static long forEach(InputFile file, long limit, Consumer<List<@Nullable Object>> consumer) {
        long left = limit;
        try (ParquetSource source = ParquetSource.open(file)) {
            List<Types.NestedField> fields = source.schema().columns();
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
}
