package dev.firn.lake.parquet;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// The source of a field's values in one file.
public sealed interface FileColumn {
    NestedField field();

    /// A primitive column of the file.
    record Leaf(NestedField field, ColumnDescriptor descriptor, Conversion conversion) implements FileColumn {
        /// Whether its times are instants, whatever the column's type says: INT96 has no other meaning.
        public boolean isInstants() {
            return descriptor.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96;
        }
    }

    /// A list, map or struct, read as Iceberg's generic objects.
    ///
    /// @param projection a schema of the field only
    /// @param fileSchema its columns in the file, with field ids, and with lists in today's form ([OldLists])
    record Nested(NestedField field, Schema projection, MessageType fileSchema) implements FileColumn {
        /// Estimates the memory of its values: objects take several times the space of encoded values.
        public long memoryBytes(BlockMetaData group) {
            long bytes = 0;
            for (ColumnDescriptor column : fileSchema.getColumns()) {
                bytes += ColumnChunks.unencodedBytes(ColumnChunks.of(group, OldLists.storedPath(column.getPath())));
            }
            return OBJECT_FACTOR * bytes;
        }

        private static final int OBJECT_FACTOR = 6;
    }

    /// One value for all rows, in Iceberg's internal representation, or null. Lists, maps and structs can only be
    /// null.
    record Constant(NestedField field, @Nullable Object value) implements FileColumn {}
}
