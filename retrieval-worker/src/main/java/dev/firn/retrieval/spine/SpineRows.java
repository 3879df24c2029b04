package dev.firn.retrieval.spine;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/// The rows of a spine that is open but not read yet: its types are known and its order is fixed. For one thread; can
/// be read once.
public interface SpineRows extends AutoCloseable {
    /// The spine's columns in output order, with the types they keep.
    Schema schema();

    /// The names of all columns, those that are not kept included.
    default List<String> names() {
        return schema().columns().stream().map(NestedField::name).toList();
    }

    /// The next rows, at least one; empty at the end.
    ///
    /// @throws SpineFault if a value is not of its column's type, or a file is not of its format
    Optional<RowChunk> next();

    @Override
    void close();
}
