package dev.firn.retrieval.job;

import dev.firn.events.ResolvedColumn;
import dev.firn.schemas.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The types as which the text columns of a spine are parsed.
final class SpineTextTypes {
    private static final int MAX_PRECISION = 38;
    private static final int LONG_DIGITS = 19;

    private final Map<String, String> asked;
    private final @Nullable String timestampColumn;
    private final List<BoundView> views;
    private final Violations violations;

    /// @param asked column to dtype, as the request says
    /// @param timestampColumn null: the rows have no times
    /// @param violations takes what is wrong
    SpineTextTypes(
            Map<String, String> asked, @Nullable String timestampColumn, List<BoundView> views, Violations violations) {
        this.asked = asked;
        this.timestampColumn = timestampColumn;
        this.views = views;
        this.violations = violations;
    }

    /// Column to type: keys have the type of the views, times are instants, others are what the request says.
    Map<String, Type> types() {
        Map<String, Type> types = new HashMap<>();
        asked.forEach((column, dtype) ->
                DeclaredTypes.type(column, dtype, violations).ifPresent(type -> types.put(column, type)));
        if (timestampColumn != null) {
            types.putIfAbsent(timestampColumn, Types.TimestampType.withZone());
        }
        Map<String, Type> keys = new HashMap<>();
        for (BoundView view : views) {
            for (int k = 0; k < view.keyTypes().size(); k++) {
                // an older snapshot's key may be narrower than the view's: its text is still the view's
                ResolvedColumn entity = view.use().definition().getEntities().get(k);
                Type type = common(view.keyTypes().get(k), Types.fromPrimitiveString(entity.getType()));
                keys.merge(view.use().keyColumns().get(k), type, SpineTextTypes::common);
            }
        }
        keys.forEach((column, type) -> {
            if (asked.containsKey(column) && !type.equals(types.get(column))) {
                violations.add(
                        Code.SPINE_COLUMN_TYPE,
                        DeclaredTypes.field(column),
                        "'%s' is a key of a view and is read as its type, %s.".formatted(column, type));
            }
            types.put(column, type);
        });
        return types;
    }

    /// Two views may keep one key in columns of different types. The type that holds the values of both and compares
    /// with both ([KeyCast]), whichever view comes first; without one, a type that does not compare with the other.
    private static Type common(Type one, Type other) {
        if (one.equals(other)) {
            return one;
        }
        if (isText(one) || isText(other)) {
            return Types.StringType.get();
        }
        Optional<Types.DecimalType> first = decimal(one);
        Optional<Types.DecimalType> second = decimal(other);
        if (first.isEmpty() || second.isEmpty()) {
            return one;
        }
        if (isInteger(one) && isInteger(other)) {
            return Types.LongType.get();
        }
        int scale = Math.max(first.get().scale(), second.get().scale());
        int digits = Math.max(wholeDigits(first.get()), wholeDigits(second.get()));
        return Types.DecimalType.of(Math.min(MAX_PRECISION, digits + scale), scale);
    }

    private static boolean isText(Type type) {
        return type.typeId() == TypeID.STRING;
    }

    private static boolean isInteger(Type type) {
        return type.typeId() == TypeID.INTEGER || type.typeId() == TypeID.LONG;
    }

    /// The decimal that holds all values of a number's type; empty for other types.
    private static Optional<Types.DecimalType> decimal(Type type) {
        return switch (type) {
            case Types.DecimalType decimal -> Optional.of(decimal);
            case Types.IntegerType _, Types.LongType _ -> Optional.of(Types.DecimalType.of(LONG_DIGITS, 0));
            default -> Optional.empty();
        };
    }

    private static int wholeDigits(Types.DecimalType decimal) {
        return decimal.precision() - decimal.scale();
    }
}
