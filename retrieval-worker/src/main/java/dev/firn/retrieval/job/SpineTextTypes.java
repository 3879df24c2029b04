package dev.firn.retrieval.job;

import dev.firn.events.ResolvedColumn;
import dev.firn.lake.catalog.Dtype;
import dev.firn.schemas.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The types as which the text columns of a spine are parsed.
final class SpineTextTypes {
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
        asked.forEach((column, dtype) -> {
            Type type = textType(column, dtype);
            if (type != null) {
                types.put(column, type);
            }
        });
        if (timestampColumn != null) {
            types.putIfAbsent(timestampColumn, Types.TimestampType.withZone());
        }
        Map<String, Type> keys = new HashMap<>();
        for (BoundView view : views) {
            for (int k = 0; k < view.keyTypes().size(); k++) {
                // an older snapshot's key may be narrower than the view's: its text is still the view's
                ResolvedColumn entity = view.use().definition().getEntities().get(k);
                Type type = wider(view.keyTypes().get(k), Types.fromPrimitiveString(entity.getType()));
                keys.merge(view.use().keyColumns().get(k), type, SpineTextTypes::wider);
            }
        }
        keys.forEach((column, type) -> {
            if (asked.containsKey(column) && !type.equals(types.get(column))) {
                violations.add(
                        Code.SPINE_COLUMN_TYPE,
                        "spine.column_types." + column,
                        "'%s' is a key of a view and is read as its type, %s.".formatted(column, type));
            }
            types.put(column, type);
        });
        return types;
    }

    /// Two views may keep one key in columns of different widths.
    private static Type wider(Type one, Type other) {
        return one.typeId() == TypeID.INTEGER && other.typeId() == TypeID.LONG ? other : one;
    }

    private @Nullable Type textType(String column, String dtype) {
        try {
            return TextTypes.of(Dtype.parse(dtype));
        } catch (IllegalArgumentException e) {
            violations.add(
                    Code.SPINE_COLUMN_TYPE,
                    "spine.column_types." + column,
                    "'%s' is not a type that text can hold: %s.".formatted(dtype, e.getMessage()));
            return null;
        }
    }
}
