package dev.firn.lake.catalog;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;

/// The declared type of a feature: an assertion about the column's type, never a cast (docs/semantics.md rule 11). Its
/// text form: `int64`, `decimal(10,2)`, `list<int32>`, `map<string,float64>`, `struct<a: int64, b: string>`.
public sealed interface Dtype {
    /// Parses a dtype. Type names are case-insensitive and blanks between tokens are ignored.
    ///
    /// @throws IllegalArgumentException if the text is not a dtype; the message names the position
    static Dtype parse(String text) {
        return new DtypeParser(text).parse();
    }

    /// Whether a column of this type satisfies the assertion.
    boolean accepts(Type type);

    /// The dtype that describes this type; empty for types that cannot be features.
    static Optional<Dtype> of(Type type) {
        return ColumnRole.FEATURE.accepts(type) ? Optional.of(DtypeOfType.of(type)) : Optional.empty();
    }

    /// A dtype without parameters.
    enum Plain implements Dtype {
        BOOL("bool"),
        INT32("int32"),
        INT64("int64"),
        FLOAT32("float32"),
        FLOAT64("float64"),
        STRING("string"),
        BYTES("bytes"),
        DATE("date"),
        TIME("time"),
        TIMESTAMP("timestamp"),
        TIMESTAMPTZ("timestamptz"),
        TIMESTAMP_NS("timestamp_ns"),
        TIMESTAMPTZ_NS("timestamptz_ns"),
        UUID("uuid");

        private final String text;

        Plain(String text) {
            this.text = text;
        }

        static Optional<Plain> named(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            for (Plain plain : values()) {
                if (plain.text.equals(lower)) {
                    return Optional.of(plain);
                }
            }
            return Optional.empty();
        }

        @Override
        public boolean accepts(Type type) {
            TypeID id = type.typeId();
            return switch (this) {
                case BOOL -> id == TypeID.BOOLEAN;
                case INT32 -> id == TypeID.INTEGER;
                case INT64 -> id == TypeID.INTEGER || id == TypeID.LONG;
                case FLOAT32 -> id == TypeID.FLOAT;
                case FLOAT64 -> id == TypeID.FLOAT || id == TypeID.DOUBLE;
                case STRING -> id == TypeID.STRING;
                case BYTES -> id == TypeID.BINARY || id == TypeID.FIXED;
                case DATE -> id == TypeID.DATE;
                case TIME -> id == TypeID.TIME;
                case TIMESTAMP -> type.equals(Types.TimestampType.withoutZone());
                case TIMESTAMPTZ -> type.equals(Types.TimestampType.withZone());
                case TIMESTAMP_NS -> type.equals(Types.TimestampNanoType.withoutZone());
                case TIMESTAMPTZ_NS -> type.equals(Types.TimestampNanoType.withZone());
                case UUID -> id == TypeID.UUID;
            };
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// A decimal of at most `precision` digits, exactly `scale` of them after the decimal point.
    record Decimal(int precision, int scale) implements Dtype {
        static final int MAX_PRECISION = 38;

        public Decimal {
            if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision) {
                throw new IllegalArgumentException("decimal(" + precision + "," + scale + "): precision is 1 to "
                        + MAX_PRECISION + ", scale 0 to precision");
            }
        }

        @Override
        public boolean accepts(Type type) {
            return type instanceof Types.DecimalType decimal
                    && decimal.precision() <= precision
                    && decimal.scale() == scale;
        }

        @Override
        public String toString() {
            return "decimal(" + precision + "," + scale + ")";
        }
    }

    /// A list.
    record ListOf(Dtype element) implements Dtype {
        @Override
        public boolean accepts(Type type) {
            return type instanceof Types.ListType list && element.accepts(list.elementType());
        }

        @Override
        public String toString() {
            return "list<" + element + ">";
        }
    }

    /// A map.
    record MapOf(Dtype key, Dtype value) implements Dtype {
        @Override
        public boolean accepts(Type type) {
            return type instanceof Types.MapType map && key.accepts(map.keyType()) && value.accepts(map.valueType());
        }

        @Override
        public String toString() {
            return "map<" + key + "," + value + ">";
        }
    }

    /// A struct that has at least these fields, in any order; names are compared case-insensitively.
    record StructOf(List<Field> fields) implements Dtype {
        /// One field.
        public record Field(String name, Dtype dtype) {
            @Override
            public String toString() {
                return name + ": " + dtype;
            }
        }

        public StructOf {
            fields = List.copyOf(fields);
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("struct<> has no fields");
            }
            long distinct = fields.stream()
                    .map(field -> field.name().toLowerCase(Locale.ROOT))
                    .distinct()
                    .count();
            if (distinct != fields.size()) {
                throw new IllegalArgumentException("struct has duplicate fields: " + fields);
            }
        }

        @Override
        public boolean accepts(Type type) {
            return type instanceof Types.StructType struct
                    && ColumnRole.FEATURE.accepts(struct)
                    && fields.stream().allMatch(field -> {
                        Types.NestedField member = struct.caseInsensitiveField(field.name());
                        return member != null && field.dtype().accepts(member.type());
                    });
        }

        @Override
        public String toString() {
            return fields.stream().map(Field::toString).collect(Collectors.joining(", ", "struct<", ">"));
        }
    }
}
