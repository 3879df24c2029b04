package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.TimeScale;
import dev.firn.lake.catalog.NearestName;
import dev.firn.lake.parquet.ConstantColumns;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// An [InspectionRequest] in the terms of a scan. Throws [InvalidQuestionException].
record RowQuestion(FeatureColumns columns, ScanBounds bounds) {
    /// Stands for a time column that nobody asked for.
    private static final int NO_COLUMN = -1;

    private static final long SECONDS_PER_DAY = 86_400;

    static RowQuestion of(Schema schema, InspectionRequest request) {
        List<Integer> ids = new ArrayList<>();
        List<Column> values = new ArrayList<>();
        List<KeyOrder> orders = new ArrayList<>();
        for (Map.Entry<String, String> key : request.keys().entrySet()) {
            NestedField field = field(schema, key.getKey());
            orders.add(orderOf(field));
            ids.add(field.fieldId());
            values.add(KeyTypes.normalised(ConstantColumns.of(field.type(), value(field, key.getValue()), 1)));
        }
        InspectionRequest.Times time = request.time();
        if (time == null) {
            return new RowQuestion(
                    columns(ids, NO_COLUMN), ScanBounds.of(values, orders, Long.MIN_VALUE, Long.MAX_VALUE));
        }
        NestedField field = field(schema, time.column());
        return new RowQuestion(
                columns(ids, field.fieldId()),
                ScanBounds.of(values, orders, stored(field, time.earliest()), stored(field, time.latest())));
    }

    private static FeatureColumns columns(List<Integer> keys, int time) {
        return new FeatureColumns(keys.isEmpty() ? List.of(time) : keys, time, null, null);
    }

    /// The ids of the columns that it looks at.
    List<Integer> fieldIds() {
        return Stream.concat(columns.keyFieldIds().stream(), Stream.of(columns.timestampFieldId()))
                .filter(id -> id != NO_COLUMN)
                .distinct()
                .toList();
    }

    private static NestedField field(Schema schema, String name) {
        NestedField field = schema.findField(name);
        if (field == null) {
            throw new InvalidQuestionException(
                    "there is no column '%s'%s"
                            .formatted(
                                    name,
                                    NearestName.of(
                                                    name,
                                                    TypeUtil.indexByName(schema.asStruct())
                                                            .keySet())
                                            .map("; did you mean '%s'?"::formatted)
                                            .orElse("")),
                    null);
        }
        return field;
    }

    private static KeyOrder orderOf(NestedField field) {
        return switch (field.type().typeId()) {
            case FLOAT, DOUBLE, STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
                throw new InvalidQuestionException(
                        "column '%s' of type %s cannot be a key".formatted(field.name(), field.type()), null);
            case BOOLEAN, INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO, STRING, BINARY, FIXED, UUID, DECIMAL ->
                KeyTypes.orderOf(field.type());
        };
    }

    private static Object value(NestedField field, String text) {
        try {
            return value(field.type(), text);
        } catch (RuntimeException e) {
            throw new InvalidQuestionException(
                    "'%s' is not a value of column '%s', which has type %s".formatted(text, field.name(), field.type()),
                    e);
        }
    }

    private static Object value(Type type, String text) {
        return switch (type.typeId()) {
            case BOOLEAN ->
                switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException(text);
                };
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case STRING -> text;
            case BINARY, FIXED -> ByteBuffer.wrap(HexFormat.of().parseHex(text));
            case DECIMAL -> new BigDecimal(text).setScale(((Types.DecimalType) type).scale(), RoundingMode.UNNECESSARY);
            default -> Literal.of(text).to(type).value();
        };
    }

    /// In the unit of the column; a time that it cannot hold is as far away as it can say.
    private static long stored(NestedField field, Instant time) {
        TimeScale scale =
                switch (field.type().typeId()) {
                    case DATE, TIMESTAMP, TIMESTAMP_NANO -> KeyTypes.scaleOf(field.type());
                    default ->
                        throw new InvalidQuestionException(
                                "column '%s' of type %s is not a time".formatted(field.name(), field.type()), null);
                };
        try {
            return switch (scale) {
                case DAYS -> Math.floorDiv(time.getEpochSecond(), SECONDS_PER_DAY);
                case MICROS -> ChronoUnit.MICROS.between(Instant.EPOCH, time);
                case NANOS -> ChronoUnit.NANOS.between(Instant.EPOCH, time);
            };
        } catch (ArithmeticException e) {
            return time.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
