package dev.firn.retrieval.job;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Parses schemas and rows of Iceberg tables from text.
public final class TableText {
    private TableText() {}

    /// `"id long, event timestamptz, value int"`: field ids from 1 in order.
    public static Schema schema(String columns) {
        List<NestedField> fields = new ArrayList<>();
        int depth = 0;
        StringBuilder part = new StringBuilder();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columns.length(); i++) {
            char c = columns.charAt(i);
            depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        for (String text : parts) {
            int space = text.indexOf(' ');
            fields.add(NestedField.optional(
                    fields.size() + 1,
                    text.substring(0, space),
                    Types.fromPrimitiveString(text.substring(space + 1).strip())));
        }
        return new Schema(fields);
    }

    /// Parses cells between bars by the types of their columns; `null` is null.
    public static Record record(Schema schema, String row) {
        String[] cells = row.split("\\|", -1);
        Record record = GenericRecord.create(schema);
        for (int i = 0; i < cells.length; i++) {
            record.set(i, value(schema.columns().get(i).type(), cells[i].strip()));
        }
        return record;
    }

    static @Nullable Object value(Type type, String text) {
        if (text.equals("null")) {
            return null;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> Boolean.valueOf(text);
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case DATE -> LocalDate.parse(text);
            case TIME -> LocalTime.parse(text);
            case TIMESTAMP ->
                ((Types.TimestampType) type).shouldAdjustToUTC() ? instant(text) : LocalDateTime.parse(text);
            case TIMESTAMP_NANO ->
                ((Types.TimestampNanoType) type).shouldAdjustToUTC() ? instant(text) : LocalDateTime.parse(text);
            case STRING -> text;
            case UUID -> UUID.fromString(text);
            case DECIMAL -> new BigDecimal(text);
            case BINARY -> ByteBuffer.wrap(HexFormat.of().parseHex(text));
            case FIXED -> HexFormat.of().parseHex(text);
            default -> throw new IllegalArgumentException("values of " + type + " cannot be parsed from text");
        };
    }

    private static OffsetDateTime instant(String text) {
        return text.length() == 10 ? OffsetDateTime.parse(text + "T00:00:00Z") : OffsetDateTime.parse(text);
    }
}
