package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.StoredBounds;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/// Bounds of a row group from the statistics in the footer, read in the file's physical type.
final class RowGroupBounds implements BoundsCheck.BoundsSource {
    private final BlockMetaData group;
    private final Map<Integer, FileColumn> columns;

    RowGroupBounds(BlockMetaData group, Map<Integer, FileColumn> columns) {
        this.group = group;
        this.columns = columns;
    }

    @Override
    public Optional<Column> bounds(int fieldId) {
        if (!(columns.get(fieldId) instanceof FileColumn.Leaf leaf)) {
            return Optional.empty();
        }
        return StoredBounds.of(ColumnChunks.of(group, leaf.descriptor().getPath()), leaf)
                .flatMap(bounds -> range(bounds, leaf));
    }

    /// Two rows, min and max; empty if the bounds cannot be right.
    static Optional<Column> range(StoredBounds bounds, FileColumn.Leaf leaf) {
        return switch (bounds) {
            case StoredBounds.Longs longs -> ValueRange.of(leaf.field().type(), longs.min(), longs.max());
            case StoredBounds.Bytes bytes -> ValueRange.of(leaf.field().type(), bytes.min(), bytes.max());
        };
    }
}
