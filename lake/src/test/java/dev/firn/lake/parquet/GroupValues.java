package dev.firn.lake.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// The second reader of a Parquet file: parquet-java's own record reader. Its values are text, as those of Firn are
/// after [#text].
final class GroupValues {
    private GroupValues() {}

    /// One list of column values per row.
    static List<List<String>> read(Path file) {
        List<List<String>> rows = new ArrayList<>();
        try (ParquetReader<Group> reader = new Builder(new LocalInputFile(file)).build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                List<String> values = new ArrayList<>();
                for (Type field : row.getType().getFields()) {
                    values.add(field(row, field));
                }
                rows.add(values);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The values of one column.
    static List<String> read(Path file, String column) {
        List<String> values = new ArrayList<>();
        PlainParquetConfiguration projection = new PlainParquetConfiguration();
        try (ParquetFileReader footer = ParquetFileReader.open(new LocalInputFile(file))) {
            MessageType schema = footer.getFileMetaData().getSchema();
            projection.set(
                    ReadSupport.PARQUET_READ_SCHEMA,
                    new MessageType(schema.getName(), schema.getType(column)).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (ParquetReader<Group> reader = new Builder(new LocalInputFile(file), projection).build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
                values.add(field(row, row.getType().getType(0)));
            }
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Builder extends ParquetReader.Builder<Group> {
        Builder(InputFile file) {
            super(file);
        }

        Builder(InputFile file, PlainParquetConfiguration configuration) {
            super(file, configuration);
        }

        @Override
        protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport();
        }
    }

    private static String field(Group group, Type field) {
        if (group.getFieldRepetitionCount(field.getName()) == 0) {
            return "null";
        }
        if (field.isPrimitive()) {
            return primitive(group, field.asPrimitiveType());
        }
        Group inner = group.getGroup(field.getName(), 0);
        GroupType type = field.asGroupType();
        if (type.getLogicalTypeAnnotation() == null) {
            return type.getFields().stream().map(f -> field(inner, f)).toList().toString();
        }
        GroupType entry = type.getType(0).asGroupType();
        List<String> list = new ArrayList<>();
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < inner.getFieldRepetitionCount(0); i++) {
            Group repeated = inner.getGroup(0, i);
            if (entry.getFieldCount() == 1) {
                list.add(field(repeated, entry.getType(0)));
            } else {
                map.put(field(repeated, entry.getType(0)), field(repeated, entry.getType(1)));
            }
        }
        return entry.getFieldCount() == 1 ? list.toString() : map.toString();
    }

    private static String primitive(Group group, PrimitiveType type) {
        String name = type.getName();
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        return switch (type.getPrimitiveTypeName()) {
            case INT32 -> number(logical, group.getInteger(name, 0), true);
            case INT64 -> number(logical, group.getLong(name, 0), false);
            case FLOAT -> String.valueOf(group.getFloat(name, 0));
            case DOUBLE -> String.valueOf(group.getDouble(name, 0));
            case BOOLEAN -> String.valueOf(group.getBoolean(name, 0));
            case BINARY, FIXED_LEN_BYTE_ARRAY ->
                bytes(logical, group.getBinary(name, 0).getBytes());
            case INT96 -> throw new IllegalArgumentException(type.toString());
        };
    }

    private static String number(LogicalTypeAnnotation logical, long value, boolean isInt) {
        return switch (logical) {
            case DateLogicalTypeAnnotation _ -> LocalDate.ofEpochDay(value).toString();
            case DecimalLogicalTypeAnnotation of -> new BigDecimal(BigInteger.valueOf(value), of.getScale()).toString();
            case TimeLogicalTypeAnnotation _ ->
                LocalTime.ofNanoOfDay(value * (isInt ? 1_000_000 : 1_000)).toString();
            case TimestampLogicalTypeAnnotation of -> timestamp(of, value);
            case IntLogicalTypeAnnotation of
            when !of.isSigned() -> isInt ? String.valueOf(value & 0xFFFF_FFFFL) : Long.toUnsignedString(value);
            case null, default -> String.valueOf(value);
        };
    }

    private static String timestamp(TimestampLogicalTypeAnnotation type, long value) {
        long perSecond =
                switch (type.getUnit()) {
                    case MILLIS -> 1_000L;
                    case MICROS -> 1_000_000L;
                    case NANOS -> 1_000_000_000L;
                };
        LocalDateTime at = LocalDateTime.ofEpochSecond(
                Math.floorDiv(value, perSecond),
                (int) (Math.floorMod(value, perSecond) * (1_000_000_000L / perSecond)),
                ZoneOffset.UTC);
        return type.isAdjustedToUTC() ? at.atOffset(ZoneOffset.UTC).toString() : at.toString();
    }

    private static String bytes(LogicalTypeAnnotation logical, byte[] bytes) {
        return switch (logical) {
            case StringLogicalTypeAnnotation _ -> new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
            case DecimalLogicalTypeAnnotation of -> new BigDecimal(new BigInteger(bytes), of.getScale()).toString();
            case UUIDLogicalTypeAnnotation _ -> {
                ByteBuffer uuid = ByteBuffer.wrap(bytes);
                yield new UUID(uuid.getLong(), uuid.getLong()).toString();
            }
            case null, default -> HexFormat.of().formatHex(bytes);
        };
    }

    /// A value of Iceberg's generic records.
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case byte[] bytes -> HexFormat.of().formatHex(bytes);
            case List<?> list -> list.stream().map(GroupValues::text).toList().toString();
            case Map<?, ?> map -> {
                Map<String, String> sorted = new TreeMap<>();
                map.forEach((key, entry) -> sorted.put(text(key), text(entry)));
                yield sorted.toString();
            }
            case Record record -> {
                List<String> values = new ArrayList<>();
                Types.StructType struct = record.struct();
                for (int i = 0; i < struct.fields().size(); i++) {
                    values.add(text(record.get(i)));
                }
                yield values.toString();
            }
            default -> ColumnValues.hexOrText(value);
        };
    }
}
