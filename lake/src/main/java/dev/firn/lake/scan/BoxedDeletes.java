package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ConstantColumns;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.iceberg.Accessor;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Reads equality delete files that are not Parquet with Iceberg's own loader, as columns of words and byte strings.
final class BoxedDeletes {
    private BoxedDeletes() {}

    /// @param projection the fields, within the structs that contain them
    static void read(
            PinnedTable table,
            DeleteFile delete,
            List<NestedField> fields,
            Schema projection,
            DeleteFileReader.Sink sink) {
        Iterator<StructLike> rows = new BaseDeleteLoader(file -> table.io().newInputFile(file))
                .loadEqualityDeletes(List.of(delete), projection)
                .iterator();
        List<Accessor<StructLike>> accessors = fields.stream()
                .map(field -> projection.accessorForField(field.fieldId()))
                .toList();
        while (rows.hasNext()) {
            List<ColumnBuilder> builders = new ArrayList<>();
            for (NestedField field : fields) {
                builders.add(builder(field.type()));
            }
            int size = 0;
            for (; rows.hasNext() && size < DeleteFileReader.BATCH_ROWS; size++) {
                StructLike row = rows.next();
                for (int f = 0; f < fields.size(); f++) {
                    append(
                            builders.get(f),
                            fields.get(f).type(),
                            accessors.get(f).get(row));
                }
            }
            List<Column> columns = new ArrayList<>();
            builders.forEach(builder -> columns.add(builder.build()));
            sink.accept(columns, size);
        }
    }

    private static ColumnBuilder builder(Type type) {
        return switch (type.typeId()) {
            case STRING, BINARY, FIXED, UUID, DECIMAL -> new BytesColumn.Builder(DeleteFileReader.BATCH_ROWS);
            default -> new LongColumn.Builder(DeleteFileReader.BATCH_ROWS);
        };
    }

    private static void append(ColumnBuilder builder, Type type, @Nullable Object value) {
        switch (builder) {
            case ColumnBuilder any when value == null -> any.appendNull();
            case BytesColumn.Builder bytes -> bytes.append(ConstantColumns.bytes(type, value));
            case LongColumn.Builder longs -> longs.append(word(value));
            default -> throw new IllegalStateException("unexpected column builder " + builder.getClass());
        }
    }

    private static long word(Object value) {
        return switch (value) {
            case Boolean truth -> truth ? 1 : 0;
            case Float number -> Float.floatToIntBits(number);
            case Double number -> Double.doubleToLongBits(number);
            case Number number -> number.longValue();
            default -> throw new IllegalArgumentException("cannot convert to a word: " + value.getClass());
        };
    }
}
