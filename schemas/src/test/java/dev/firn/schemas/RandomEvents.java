package dev.firn.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Seeded random events: every field of every type, with empty and null ones among them.
final class RandomEvents {
    private static final String LETTERS = "abcXYZ019._- \"\\\né漢🧊";
    private final SplittableRandom random;

    RandomEvents(long seed) {
        this.random = new SplittableRandom(seed);
    }

    <T extends SpecificRecord> T next(Class<T> event) {
        SpecificData model = EventModel.INSTANCE;
        return event.cast(specific(model, model.getSchema(event)));
    }

    GenericRecord next(Schema schema) {
        var record = new GenericData.Record(schema);
        schema.getFields().forEach(field -> record.put(field.pos(), generic(field.schema())));
        return record;
    }

    private SpecificRecord specific(SpecificData model, Schema schema) {
        var record = (SpecificRecord) SpecificData.newInstance(model.getClass(schema), schema);
        schema.getFields().forEach(field -> record.put(field.pos(), value(model, field.schema())));
        return record;
    }

    private @Nullable Object value(SpecificData model, Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> specific(model, schema);
            case ENUM -> model.createEnum(symbol(schema), schema);
            case ARRAY -> list(() -> value(model, schema.getElementType()));
            case MAP -> map(() -> value(model, schema.getValueType()));
            case UNION ->
                value(
                        model,
                        schema.getTypes().get(random.nextInt(schema.getTypes().size())));
            case LONG -> schema.getLogicalType() instanceof LogicalTypes.TimestampMicros ? instant() : number();
            default -> plain(schema);
        };
    }

    private @Nullable Object generic(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> next(schema);
            case ENUM -> new GenericData.EnumSymbol(schema, symbol(schema));
            case ARRAY -> list(() -> generic(schema.getElementType()));
            case MAP -> map(() -> generic(schema.getValueType()));
            case UNION ->
                generic(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
            default -> plain(schema);
        };
    }

    private @Nullable Object plain(Schema schema) {
        return switch (schema.getType()) {
            case NULL -> null;
            case STRING -> text();
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt();
            case LONG -> number();
            default -> throw new IllegalArgumentException("no event uses " + schema.getType());
        };
    }

    private String symbol(Schema schema) {
        return schema.getEnumSymbols()
                .get(random.nextInt(schema.getEnumSymbols().size()));
    }

    private List<@Nullable Object> list(Supplier<@Nullable Object> items) {
        var list = new ArrayList<@Nullable Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(items.get());
        }
        return list;
    }

    private Map<String, @Nullable Object> map(Supplier<@Nullable Object> values) {
        var map = new HashMap<String, @Nullable Object>();
        for (int i = random.nextInt(4); i > 0; i--) {
            map.put(text(), values.get());
        }
        return map;
    }

    private String text() {
        var text = new StringBuilder();
        int[] letters = LETTERS.codePoints().toArray();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    private long number() {
        return random.nextLong() >> random.nextInt(Long.SIZE);
    }

    private Instant instant() {
        return Instant.EPOCH.plus(number(), ChronoUnit.MICROS);
    }
}
