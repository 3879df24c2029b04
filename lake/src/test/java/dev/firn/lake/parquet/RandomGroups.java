package dev.firn.lake.parquet;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/// Random schemas of the types that Firn reads, and random rows of them.
final class RandomGroups {
    private static final List<String> LEAVES = List.of(
            "int32 %s",
            "int32 %s (DATE)",
            "int32 %s (DECIMAL(9,2))",
            "int32 %s (INTEGER(8,true))",
            "int32 %s (INTEGER(16,false))",
            "int32 %s (INTEGER(32,false))",
            "int32 %s (TIME(MILLIS,true))",
            "int64 %s",
            "int64 %s (INTEGER(64,false))",
            "int64 %s (DECIMAL(18,4))",
            "int64 %s (TIME(MICROS,false))",
            "int64 %s (TIMESTAMP(MILLIS,true))",
            "int64 %s (TIMESTAMP(MICROS,false))",
            "int64 %s (TIMESTAMP(MICROS,true))",
            "int64 %s (TIMESTAMP(NANOS,true))",
            "float %s",
            "double %s",
            "boolean %s",
            "binary %s",
            "binary %s (STRING)",
            "binary %s (DECIMAL(24,3))",
            "fixed_len_byte_array(16) %s (UUID)",
            "fixed_len_byte_array(9) %s (DECIMAL(20,2))",
            "fixed_len_byte_array(5) %s");
    private static final List<String> NESTED_LEAVES = List.of(
            "int32 %s",
            "int64 %s",
            "double %s",
            "boolean %s",
            "binary %s (STRING)",
            "int32 %s (DATE)",
            "int64 %s (TIMESTAMP(MICROS,true))",
            "int64 %s (DECIMAL(18,4))");

    private final Random random;
    /// How many different values a column has; few make dictionaries.
    private int variety;
    private double nulls;

    RandomGroups(Random random) {
        this.random = random;
    }

    MessageType schema() {
        List<String> fields = new ArrayList<>();
        fields.add("required int64 id;");
        int columns = 1 + random.nextInt(6);
        for (int c = 0; c < columns; c++) {
            String name = "c" + c;
            String repetition = random.nextInt(4) == 0 ? "required " : "optional ";
            fields.add(
                    switch (random.nextInt(10)) {
                        case 0 ->
                            repetition + "group " + name + " (LIST) { repeated group list { optional "
                                    + leaf(NESTED_LEAVES, "element") + "; } }";
                        case 1 ->
                            repetition + "group " + name
                                    + " (MAP) { repeated group key_value { required binary key (STRING); optional "
                                    + leaf(NESTED_LEAVES, "value") + "; } }";
                        case 2 ->
                            repetition + "group " + name + " { optional " + leaf(NESTED_LEAVES, "a") + "; required "
                                    + leaf(NESTED_LEAVES, "b") + "; }";
                        default -> repetition + leaf(LEAVES, name) + ";";
                    });
        }
        return MessageTypeParser.parseMessageType("message rows { " + String.join(" ", fields) + " }");
    }

    private String leaf(List<String> from, String name) {
        return from.get(random.nextInt(from.size())).formatted(name);
    }

    /// Sets how the values of the next rows are spread.
    void spread() {
        variety = random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(40);
        nulls = random.nextInt(3) == 0 ? 0 : random.nextDouble() * random.nextDouble();
        if (random.nextInt(8) == 0) {
            nulls = 1;
        }
    }

    void fill(Group group, GroupType type, long row) {
        for (Type field : type.getFields()) {
            if (field.getName().equals("id") && type instanceof MessageType) {
                group.add("id", row);
            } else if (!field.isRepetition(Type.Repetition.OPTIONAL) || random.nextDouble() >= nulls) {
                if (field.isPrimitive()) {
                    add(group, field.asPrimitiveType());
                } else {
                    addGroup(group, field.asGroupType());
                }
            }
        }
    }

    private void addGroup(Group group, GroupType type) {
        Group inner = group.addGroup(type.getName());
        if (type.getLogicalTypeAnnotation() == null) {
            fill(inner, type, 0);
            return;
        }
        GroupType entry = type.getType(0).asGroupType();
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
            Group repeated = inner.addGroup(entry.getName());
            for (Type field : entry.getFields()) {
                if (field.getName().equals("key")) {
                    repeated.add("key", "key " + i);
                } else if (random.nextDouble() >= nulls) {
                    add(repeated, field.asPrimitiveType());
                }
            }
        }
    }

    private void add(Group group, PrimitiveType type) {
        String name = type.getName();
        long any = any();
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        switch (type.getPrimitiveTypeName()) {
            case INT32 -> group.add(name, int32(logical, any));
            case INT64 -> group.add(name, int64(logical, any));
            case FLOAT -> group.add(name, any % 5 == 0 ? special(any) : (float) any / 7);
            case DOUBLE -> group.add(name, any % 5 == 0 ? (double) special(any) : (double) any / 7);
            case BOOLEAN -> group.add(name, (any & 1) == 0);
            case BINARY -> group.add(name, binary(logical, any));
            case FIXED_LEN_BYTE_ARRAY -> group.add(name, Binary.fromConstantByteArray(fixed(type, any)));
            case INT96 -> throw new IllegalArgumentException(type.toString());
        }
    }

    private long any() {
        if (variety == Integer.MAX_VALUE) {
            return random.nextInt(50) == 0
                    ? (random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE)
                    : random.nextLong();
        }
        return random.nextLong(variety) - variety / 2;
    }

    private static float special(long any) {
        return switch ((int) Math.floorMod(any / 5, 4L)) {
            case 0 -> Float.NaN;
            case 1 -> -0f;
            case 2 -> Float.NEGATIVE_INFINITY;
            default -> Float.MIN_VALUE;
        };
    }

    private static int int32(LogicalTypeAnnotation logical, long any) {
        return switch (logical) {
            case DateLogicalTypeAnnotation _ -> (int) (any % 1_000_000);
            case DecimalLogicalTypeAnnotation _ -> (int) (any % 1_000_000_000);
            case TimeLogicalTypeAnnotation _ -> (int) Math.floorMod(any, 86_400_000L);
            case IntLogicalTypeAnnotation of when of.getBitWidth() == 8 -> (byte) any;
            case IntLogicalTypeAnnotation of when of.getBitWidth() == 16 -> (char) any;
            case null, default -> (int) any;
        };
    }

    private static long int64(LogicalTypeAnnotation logical, long any) {
        return switch (logical) {
            case DecimalLogicalTypeAnnotation _ -> any % 1_000_000_000_000_000_000L;
            case TimeLogicalTypeAnnotation _ -> Math.floorMod(any, 86_400_000_000L);
            case TimestampLogicalTypeAnnotation of ->
                switch (of.getUnit()) {
                    case MILLIS -> any % 100_000_000_000_000L;
                    case MICROS -> any % 100_000_000_000_000_000L;
                    case NANOS -> any;
                };
            case null, default -> any;
        };
    }

    private Binary binary(LogicalTypeAnnotation logical, long any) {
        return switch (logical) {
            case StringLogicalTypeAnnotation _ -> Binary.fromString("ключ".repeat((int) Math.floorMod(any, 20L)) + any);
            case DecimalLogicalTypeAnnotation _ ->
                Binary.fromConstantByteArray(
                        BigInteger.valueOf(any).multiply(BigInteger.valueOf(3)).toByteArray());
            case null, default ->
                Binary.fromConstantByteArray(
                        any % 7 == 0 ? new byte[0] : BigInteger.valueOf(any).toByteArray());
        };
    }

    private static byte[] fixed(PrimitiveType type, long any) {
        byte[] bytes = new byte[type.getTypeLength()];
        byte[] value = BigInteger.valueOf(any).toByteArray();
        java.util.Arrays.fill(bytes, (byte) (any < 0 ? -1 : 0));
        int length = Math.min(bytes.length, value.length);
        System.arraycopy(value, value.length - length, bytes, bytes.length - length, length);
        return bytes;
    }
}
