package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.OutputFile;

/// Writes columns to one Parquet file: zstd, standard logical types, field ids. Not thread-safe. Rolling over to
/// another file is the caller's, see [#bytesSoFar].
public final class ParquetResult implements AutoCloseable {
    private ParquetResult() {}

    public static ParquetResult create(OutputFile file, Schema schema) {
        throw new UnsupportedOperationException(file.location() + schema);
    }

    /// Rows `from` to `to` (exclusive) of columns in the schema's order.
    public void write(List<Column> columns, int from, int to) {
        throw new UnsupportedOperationException();
    }

    public long rows() {
        throw new UnsupportedOperationException();
    }

    /// Bytes written and buffered: about what the file would have if it were finished now.
    public long bytesSoFar() {
        throw new UnsupportedOperationException();
    }

    /// Completes the file.
    public WrittenFile finish() {
        throw new UnsupportedOperationException();
    }

    /// Abandons the file unless it is finished.
    @Override
    public void close() {}
}
