package dev.firn.gateway.page;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/// Events with every field set: each text is the same, each list has one item, each number is 7.
final class Filled {
    private static final long NUMBER = 7;
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    private Filled() {}

    static <E extends SpecificRecord> E of(Class<E> type, String text) {
        return type.cast(record(type, text));
    }

    private static SpecificRecord record(Class<? extends SpecificRecord> type, String text) {
        try {
            SpecificRecord record = type.getDeclaredConstructor().newInstance();
            record.getSchema().getFields().forEach(field -> record.put(field.pos(), value(field.schema(), text)));
            return record;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(String.valueOf(e.getMessage()), e);
        }
    }

    private static Class<?> type(Schema schema) {
        try {
            return Class.forName(schema.getFullName());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Object value(Schema schema, String text) {
        return switch (schema.getType()) {
            case STRING -> text;
            case LONG -> schema.getLogicalType() == null ? (Object) NUMBER : TIME;
            case INT -> (int) NUMBER;
            case BOOLEAN -> true;
            case DOUBLE -> (double) NUMBER;
            case ARRAY -> List.of(value(schema.getElementType(), text));
            case MAP -> Map.of(text, value(schema.getValueType(), text));
            case ENUM -> type(schema).getEnumConstants()[schema.getEnumSymbols().size() - 1];
            case UNION -> value(schema.getTypes().getLast(), text);
            case RECORD -> record(type(schema).asSubclass(SpecificRecord.class), text);
            case BYTES, FIXED, FLOAT, NULL -> throw new IllegalArgumentException("no event has " + schema);
        };
    }
}
