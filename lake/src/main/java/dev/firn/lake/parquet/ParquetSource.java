package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.util.Iterator;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;

/// A Parquet file of any writer (pandas, pyarrow, Spark, DuckDB, Trino …), read in row order. Not thread-safe.
public final class ParquetSource implements AutoCloseable {
    private ParquetSource() {}

    public static ParquetSource open(InputFile file) {
        throw new UnsupportedOperationException(file.location());
    }

    /// The file's columns as Iceberg types; field ids are given in file order and mean nothing beyond this file.
    public Schema schema() {
        throw new UnsupportedOperationException();
    }

    public long rows() {
        throw new UnsupportedOperationException();
    }

    /// The named columns in this order, at most `rows` rows at a time. One iteration at a time.
    public Iterator<List<Column>> batches(List<String> columns, int rows) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
