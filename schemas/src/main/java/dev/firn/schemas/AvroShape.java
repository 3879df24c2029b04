package dev.firn.schemas;

import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/// Checks Avro binary against its schema before it is decoded. Avro's decoder allocates strings and arrays of any
/// length the bytes claim, so ten hostile bytes can ask for gigabytes. Here every length is checked against the bytes
/// that are left, every union and enum index against the schema, and the number of items against the bytes they need.
/// Cost: one pass, no allocation.
final class AvroShape {
    private final byte[] bytes;
    private int at;

    private AvroShape(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    /// The bytes do not follow their schema. The message names the offset, never content.
    static final class MalformedException extends RuntimeException {
        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /// Checks that `bytes`, from `from` to the end, are exactly one value of `schema`.
    static void check(Schema schema, byte[] bytes, int from) {
        var shape = new AvroShape(bytes, from);
        shape.skip(schema, 0);
        if (shape.at != bytes.length) {
            throw shape.malformed((bytes.length - shape.at) + " bytes left over");
        }
    }

    private void skip(Schema schema, int depth) {
        if (depth > Limits.VALUE_DEPTH) {
            throw malformed("values nested deeper than " + Limits.VALUE_DEPTH);
        }
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> skipBoolean();
            case INT -> index(Integer.MIN_VALUE, Integer.MAX_VALUE, "int");
            case LONG -> varint();
            case FLOAT -> skipBytes(Float.BYTES);
            case DOUBLE -> skipBytes(Double.BYTES);
            case STRING, BYTES -> skipBytes(varint());
            case FIXED -> skipBytes(schema.getFixedSize());
            case ENUM -> index(0, schema.getEnumSymbols().size() - 1, schema.getName());
            case UNION -> skip(schema.getTypes().get(index(0, schema.getTypes().size() - 1, "union")), depth + 1);
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    skip(field.schema(), depth + 1);
                }
            }
            case ARRAY -> skipBlocks(null, schema.getElementType(), depth);
            case MAP -> skipBlocks(Schema.Type.STRING, schema.getValueType(), depth);
        }
    }

    private void skipBlocks(Schema.@Nullable Type key, Schema value, int depth) {
        for (long count = varint(); count != 0; count = varint()) {
            if (count < 0) {
                count = count == Long.MIN_VALUE ? Long.MAX_VALUE : -count;
                varint();
            }
            for (long item = 0; item < count; item++) {
                int before = at;
                if (key != null) {
                    skipBytes(varint());
                }
                skip(value, depth + 1);
                if (at == before && count > bytes.length) {
                    throw malformed(count + " items without bytes");
                }
            }
        }
    }

    private void skipBoolean() {
        skipBytes(1);
        if (bytes[at - 1] >>> 1 != 0) {
            throw malformed("a boolean that is neither 0 nor 1");
        }
    }

    private int index(int min, int max, String what) {
        long value = varint();
        if (value < min || value > max) {
            throw malformed(what + " out of range");
        }
        return (int) value;
    }

    private void skipBytes(long length) {
        if (length < 0 || length > bytes.length - at) {
            throw malformed("a length that exceeds the rest");
        }
        at += (int) length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == bytes.length) {
                throw malformed("ends too early");
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed("a number longer than 64 bits");
    }

    private MalformedException malformed(String what) {
        return new MalformedException("at byte " + at + ": " + what);
    }
}
