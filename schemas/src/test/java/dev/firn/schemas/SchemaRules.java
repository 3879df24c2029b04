package dev.firn.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/// Rules for every schema and for every pair of its versions. Findings are data, so that tests show that the rules find
/// something.
final class SchemaRules {
    private static final int EXAMPLES = 20;

    private SchemaRules() {}

    /// Why two versions cannot be read as each other, by Avro's own check and by trying.
    static List<String> incompatibilities(Map<String, Schema> versions, long seed) {
        var found = new ArrayList<String>();
        versions.forEach((writerVersion, writer) -> versions.forEach((readerVersion, reader) -> {
            String pair = writer.getName() + " of " + writerVersion + " read as " + readerVersion + ": ";
            var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
            if (result.getType() != SchemaCompatibilityType.COMPATIBLE) {
                result.getResult()
                        .getIncompatibilities()
                        .forEach(i -> found.add(pair + i.getType() + " at " + i.getLocation()));
            } else {
                found.addAll(unreadable(pair, writer, reader, seed));
            }
        }));
        return found;
    }

    private static List<String> unreadable(String pair, Schema writer, Schema reader, long seed) {
        var events = new RandomEvents(seed);
        for (int i = 0; i < EXAMPLES; i++) {
            try {
                var out = new ByteArrayOutputStream();
                var encoder = EncoderFactory.get().binaryEncoder(out, null);
                new GenericDatumWriter<GenericRecord>(writer).write(events.next(writer), encoder);
                encoder.flush();
                new GenericDatumReader<GenericRecord>(writer, reader)
                        .read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
            } catch (IOException | AvroRuntimeException e) {
                return List.of(pair + e);
            }
        }
        return List.of();
    }

    /// Names, types and docs that do not follow the conventions.
    static List<String> blemishes(Schema schema) {
        var found = new ArrayList<String>();
        look(schema, schema.getName(), found, new HashSet<>());
        return found;
    }

    private static void look(Schema schema, String where, List<String> found, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    require(schema.getDoc() != null, schema.getName() + " has no doc", found);
                    for (Schema.Field field : schema.getFields()) {
                        look(field, schema.getName() + "." + field.name(), found);
                        look(field.schema(), schema.getName() + "." + field.name(), found, seen);
                    }
                }
            }
            case ENUM -> {
                require(schema.getDoc() != null, schema.getName() + " has no doc", found);
                require("UNKNOWN".equals(schema.getEnumDefault()), schema.getName() + " has no default UNKNOWN", found);
            }
            case ARRAY -> look(schema.getElementType(), where, found, seen);
            case MAP -> look(schema.getValueType(), where, found, seen);
            case UNION -> schema.getTypes().forEach(branch -> look(branch, where, found, seen));
            case FLOAT, DOUBLE, BYTES, FIXED ->
                found.add(where + " is " + schema.getType() + ", which EventJson lacks");
            case STRING, INT, LONG, BOOLEAN, NULL -> {}
        }
    }

    private static void look(Schema.Field field, String where, List<String> found) {
        String doc = field.doc() == null ? "" : field.doc();
        require(!doc.isBlank(), where + " has no doc", found);
        if (isInstant(field.schema())) {
            require(
                    doc.contains("microseconds since 1970 UTC"),
                    where + " does not say what its instant counts",
                    found);
        } else {
            require(!doc.contains("microseconds") || field.name().endsWith("_micros"), where + " lacks _micros", found);
            require(!doc.contains("milliseconds") || field.name().endsWith("_millis"), where + " lacks _millis", found);
        }
        require(field.name().equals(field.name().toLowerCase(Locale.ROOT)), where + " is not snake_case", found);
    }

    private static boolean isInstant(Schema schema) {
        return schema.getType() == Schema.Type.UNION
                ? schema.getTypes().stream().anyMatch(SchemaRules::isInstant)
                : schema.getLogicalType() instanceof LogicalTypes.TimestampMicros;
    }

    private static void require(boolean holds, String otherwise, List<String> found) {
        if (!holds) {
            found.add(otherwise);
        }
    }
}
