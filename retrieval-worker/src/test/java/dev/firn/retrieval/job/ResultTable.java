package dev.firn.retrieval.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// A result, read from its files by Iceberg's reader instead of Firn's.
public record ResultTable(Completed completed, Schema schema, List<List<@Nullable Object>> values) {
    static ResultTable read(Completed completed) {
        return read(
                completed,
                completed.files().stream()
                        .map(file -> file.location().replaceFirst("^file:", ""))
                        .toList());
    }

    /// Rows of one file as text.
    static List<String> readFile(String location) {
        return readTable(location).rows();
    }

    /// One file.
    static ResultTable readTable(String location) {
        Completed nothing = new Completed(
                "",
                List.of(),
                List.of(),
                0,
                "",
                List.of(),
                List.of(),
                Given.pins().build(),
                Map.of());
        return read(nothing, List.of(location.replaceFirst("^file:", "")));
    }

    private static ResultTable read(Completed completed, List<String> locations) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        Schema schema = null;
        for (String location : locations) {
            schema = schema(location);
            Schema projection = schema;
            try (CloseableIterable<Record> records = Parquet.read(org.apache.iceberg.Files.localInput(location))
                    .project(projection)
                    .createReaderFunc(type -> GenericParquetReaders.buildReader(projection, type))
                    .build()) {
                for (Record record : records) {
                    List<@Nullable Object> row = new ArrayList<>();
                    for (int i = 0; i < projection.columns().size(); i++) {
                        row.add(record.get(i));
                    }
                    rows.add(row);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (schema == null) {
            throw new AssertionError("the result has no file");
        }
        return new ResultTable(completed, schema, rows);
    }

    private static Schema schema(String location) {
        try (ParquetFileReader reader =
                ParquetFileReader.open(HadoopInputFile.fromPath(new Path(location), new Configuration()))) {
            MessageType file = reader.getFileMetaData().getSchema();
            // without the table's schema, Iceberg reads a uuid as fixed[16]
            return new Schema(ParquetSchemaUtil.convert(file).columns().stream()
                    .map(field -> isUuid(file, field) ? withUuid(field) : field)
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isUuid(MessageType file, NestedField field) {
        Type type = file.getType(field.name());
        return type.isPrimitive()
                && type.getLogicalTypeAnnotation() instanceof LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
    }

    private static NestedField withUuid(NestedField field) {
        return NestedField.optional(field.fieldId(), field.name(), Types.UUIDType.get());
    }

    public List<String> names() {
        return schema.columns().stream().map(NestedField::name).toList();
    }

    public List<String> types() {
        return schema.columns().stream().map(field -> field.type().toString()).toList();
    }

    /// A column's values as text; null is `null`.
    public List<String> column(String name) {
        int index = names().indexOf(name);
        if (index < 0) {
            throw new AssertionError("there is no column " + name + " in " + names());
        }
        return values.stream().map(row -> text(row.get(index))).toList();
    }

    /// Rows as text, cells joined by a blank.
    public List<String> rows() {
        return values.stream()
                .map(row -> row.stream().map(ResultTable::text).collect(Collectors.joining(" ")))
                .toList();
    }

    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case ByteBuffer buffer -> {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                yield HexFormat.of().formatHex(bytes);
            }
            case byte[] bytes -> HexFormat.of().formatHex(bytes);
            case BigDecimal decimal -> decimal.toPlainString();
            default -> value.toString();
        };
    }
}
