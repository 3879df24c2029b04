package dev.firn.registration.hint;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// The control topic of Iceberg's sink for Kafka Connect. A value is two magic bytes, the writer's Avro
/// schema as text, and the event in Avro's binary form. Of its events, COMMIT_TO_TABLE names a table.
///
/// Iceberg's own decoder makes objects of the classes that the schema names. Here the fields that are needed
/// are read by name, in the order in which they were written, and no further.
final class IcebergConnectFormat implements RecordFormat {
    private static final int MAGIC = 0xC201;
    private static final int COMMIT_TO_TABLE = 3;
    /// Of the parts of one event, up to the table's name.
    private static final int MAX_VALUES = 1_000;
    /// Schemas that are kept parsed. A sender has one for each kind of event.
    private static final int MAX_SCHEMAS = 16;

    private final SenderNames names;
    private final Map<String, Schema> schemas = new HashMap<>();

    IcebergConnectFormat(SenderNames names) {
        this.names = names;
    }

    @Override
    public Reading read(Headers headers, byte @Nullable [] value) {
        if (value == null) {
            return Reading.UNDECODABLE;
        }
        ByteArrayInputStream bytes = new ByteArrayInputStream(value);
        try {
            DataInputStream start = new DataInputStream(bytes);
            if (start.readUnsignedShort() != MAGIC) {
                return Reading.UNDECODABLE;
            }
            Schema schema = schema(start.readUTF());
            int from = value.length - bytes.available();
            return event(
                    schema, new Values(DecoderFactory.get().binaryDecoder(value, from, value.length - from, null)));
        } catch (IOException | RuntimeException e) { // Avro has no common exception for what is not Avro
            return Reading.UNDECODABLE;
        }
    }

    private Schema schema(String json) {
        Schema known = schemas.get(json);
        if (known != null) {
            return known;
        }
        Schema parsed = new Schema.Parser().parse(json);
        if (schemas.size() == MAX_SCHEMAS) {
            schemas.clear();
        }
        schemas.put(json, parsed);
        return parsed;
    }

    private Reading event(Schema event, Values values) throws IOException {
        for (Schema.Field field : event.getFields()) {
            switch (field.name()) {
                case "type" -> {
                    if (!Integer.valueOf(COMMIT_TO_TABLE).equals(values.next(field.schema()))) {
                        return Reading.IGNORED;
                    }
                }
                case "payload" -> {
                    return payload(field.schema(), values);
                }
                default -> values.next(field.schema());
            }
        }
        return Reading.UNDECODABLE;
    }

    private Reading payload(Schema payload, Values values) throws IOException {
        for (Schema.Field field : payload.getFields()) {
            Object value = values.next(field.schema());
            if (field.name().equals("table_reference") && value instanceof Map<?, ?> table) {
                return names.table(text(table.get("catalog")), texts(table.get("namespace")), text(table.get("name")));
            }
        }
        return Reading.UNDECODABLE;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /// Values one after another, at most [#MAX_VALUES] of them.
    private static final class Values {
        private final BinaryDecoder decoder;
        private int left = MAX_VALUES;

        private Values(BinaryDecoder decoder) {
            this.decoder = decoder;
        }

        /// @return a text, a number, a list, or a map of a record's fields; null for what is not needed
        private @Nullable Object next(Schema schema) throws IOException {
            if (left-- == 0) {
                throw new AvroRuntimeException("more than " + MAX_VALUES + " values");
            }
            return switch (schema.getType()) {
                case STRING -> decoder.readString();
                case INT -> decoder.readInt();
                case LONG -> decoder.readLong();
                case RECORD -> {
                    Map<String, @Nullable Object> fields = new HashMap<>();
                    for (Schema.Field field : schema.getFields()) {
                        fields.put(field.name(), next(field.schema()));
                    }
                    yield fields;
                }
                case ARRAY -> {
                    List<@Nullable Object> elements = new ArrayList<>();
                    for (long block = decoder.readArrayStart(); block > 0; block = decoder.arrayNext()) {
                        for (long i = 0; i < block; i++) {
                            elements.add(next(schema.getElementType()));
                        }
                    }
                    yield elements;
                }
                case MAP -> {
                    for (long block = decoder.readMapStart(); block > 0; block = decoder.mapNext()) {
                        for (long i = 0; i < block; i++) {
                            decoder.skipString();
                            next(schema.getValueType());
                        }
                    }
                    yield null;
                }
                case UNION -> next(schema.getTypes().get(decoder.readIndex()));
                case FIXED -> {
                    decoder.skipFixed(schema.getFixedSize());
                    yield null;
                }
                case BYTES -> {
                    decoder.skipBytes();
                    yield null;
                }
                case ENUM -> decoder.readEnum();
                case FLOAT -> decoder.readFloat();
                case DOUBLE -> decoder.readDouble();
                case BOOLEAN -> decoder.readBoolean();
                case NULL -> null;
            };
        }
    }
}
