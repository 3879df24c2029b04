package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Values of a result as JSON: numbers and booleans as they are, `NaN` and infinities as text, times in ISO-8601.
public final class JsonValues {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonValues() {}

    /// A value as a person reads it: a text as it is, anything else as in JSON.
    public static String text(Object value) throws IOException {
        if (value instanceof String text) {
            return text;
        }
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            write(json, value);
        }
        String text = out.toString();
        // times and the like are texts in JSON
        return text.startsWith("\"") ? value.toString() : text;
    }

    static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> json.writeNull();
            case Boolean bool -> json.writeBoolean(bool);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Float number when Float.isFinite(number) -> json.writeNumber(number);
            case Double number when Double.isFinite(number) -> json.writeNumber(number);
            case java.math.BigDecimal number -> json.writeNumber(number.toPlainString());
            case List<?> list -> {
                json.writeStartArray();
                for (Object item : list) {
                    write(json, item);
                }
                json.writeEndArray();
            }
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    json.writeFieldName(String.valueOf(entry.getKey()));
                    write(json, entry.getValue());
                }
                json.writeEndObject();
            }
            case Record struct -> {
                json.writeStartObject();
                for (Types.NestedField field : struct.struct().fields()) {
                    json.writeFieldName(field.name());
                    write(json, struct.getField(field.name()));
                }
                json.writeEndObject();
            }
            default -> json.writeString(value.toString());
        }
    }
}
