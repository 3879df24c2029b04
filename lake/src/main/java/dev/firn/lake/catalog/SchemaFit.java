package dev.firn.lake.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Whether the columns of a view still fit a schema, and their names and types there.
///
/// @param columns the columns that fit, as they are now, in the given order
/// @param reasons why the view cannot be read; empty if it can
public record SchemaFit(List<BoundColumn> columns, List<Reason> reasons) {
    public SchemaFit {
        columns = List.copyOf(columns);
        reasons = List.copyOf(reasons);
    }

    /// Stable codes of why a column does not fit.
    public enum Code {
        /// The column was dropped. A column added since under the same name is another column.
        COLUMN_DROPPED,
        /// No column has that name (in a table that was replaced).
        COLUMN_NOT_FOUND,
        /// Several columns match the name and differ only in case.
        COLUMN_AMBIGUOUS,
        /// The view's use or dtype does not accept the column's type.
        TYPE_CHANGED
    }

    /// One column that does not fit.
    ///
    /// @param name its name in the view
    /// @param suggestion the nearest column's name
    public record Reason(
            Code code,
            ColumnRole role,
            String name,
            String message,
            @Nullable String suggestion) {
        public Optional<String> nearest() {
            return Optional.ofNullable(suggestion);
        }
    }

    public boolean fits() {
        return reasons.isEmpty();
    }

    /// For the same table (same UUID): follows columns by field id through renames, moves and widenings. A column
    /// that was not found when the table replaced another has no id there. It alone is resolved by name.
    public static SchemaFit byFieldId(List<BoundColumn> columns, Schema schema) {
        ColumnResolver resolver = new ColumnResolver(schema);
        return check(
                columns,
                column -> column.fieldId() == BoundColumn.NO_FIELD_ID
                        ? resolved(column, resolver)
                        : followed(column, schema, resolver));
    }

    /// For a table that replaced the old one: its field ids are unrelated, so names are resolved again.
    public static SchemaFit byName(List<BoundColumn> columns, Schema schema) {
        ColumnResolver resolver = new ColumnResolver(schema);
        return check(columns, column -> resolved(column, resolver));
    }

    private sealed interface Match {
        record Matched(NestedField field) implements Match {}

        record Unmatched(Reason reason) implements Match {}
    }

    private interface Matcher {
        Match match(BoundColumn column);
    }

    private static SchemaFit check(List<BoundColumn> columns, Matcher matcher) {
        List<BoundColumn> now = new ArrayList<>();
        List<Reason> reasons = new ArrayList<>();
        for (BoundColumn column : columns) {
            switch (matcher.match(column)) {
                case Match.Unmatched unmatched -> reasons.add(unmatched.reason());
                case Match.Matched matched -> {
                    NestedField field = matched.field();
                    if (accepts(column, field.type())) {
                        now.add(new BoundColumn(
                                column.role(),
                                column.name(),
                                field.name(),
                                field.fieldId(),
                                field.type().toString(),
                                column.dtype()));
                    } else {
                        reasons.add(typeChanged(column, field));
                    }
                }
            }
        }
        return new SchemaFit(now, reasons);
    }

    private static Match followed(BoundColumn column, Schema schema, ColumnResolver resolver) {
        Optional<NestedField> field = ColumnResolver.byId(schema, column.fieldId());
        if (field.isPresent()) {
            return new Match.Matched(field.get());
        }
        boolean reusedName = resolver.finds(column.column());
        return new Match.Unmatched(new Reason(
                Code.COLUMN_DROPPED,
                column.role(),
                column.name(),
                "column '" + column.column() + "' (field id " + column.fieldId() + ") was dropped; "
                        + (reusedName
                                ? "the column that has this name now is a new one: register the view again to use it"
                                : column.role() == ColumnRole.FEATURE
                                        ? "register the view again without it"
                                        : "register the view again with another column"),
                null));
    }

    private static Match resolved(BoundColumn column, ColumnResolver resolver) {
        return switch (resolver.resolve(column.column())) {
            case ColumnResolver.Resolution.Found found -> new Match.Matched(found.column());
            case ColumnResolver.Resolution.Missing missing ->
                new Match.Unmatched(new Reason(
                        Code.COLUMN_NOT_FOUND,
                        column.role(),
                        column.name(),
                        "the table was replaced and has no column '" + column.column() + "'",
                        missing.nearest().orElse(null)));
            case ColumnResolver.Resolution.Ambiguous ambiguous ->
                new Match.Unmatched(new Reason(
                        Code.COLUMN_AMBIGUOUS,
                        column.role(),
                        column.name(),
                        "column '" + column.column() + "' is ambiguous: " + ambiguous.candidates(),
                        null));
        };
    }

    /// A feature's dtype decides. Keys and timestamps were accepted with their type at registration, so they may
    /// only be wider since, or narrower in an older snapshot: a key that changed from number to text would
    /// silently match nothing.
    private static boolean accepts(BoundColumn column, Type type) {
        Dtype dtype = column.dtype();
        if (dtype != null) {
            return dtype.accepts(type);
        }
        if (!column.role().accepts(type) || !(type instanceof Type.PrimitiveType now)) {
            return false;
        }
        Type.PrimitiveType before = Types.fromPrimitiveString(column.type());
        return before.equals(now)
                || TypeUtil.isPromotionAllowed(before, now)
                || TypeUtil.isPromotionAllowed(now, before);
    }

    private static Reason typeChanged(BoundColumn column, NestedField field) {
        String expected = column.dtype() == null
                ? column.type() + ", or a wider or narrower form of it"
                : "a type that dtype " + column.dtype() + " accepts";
        return new Reason(
                Code.TYPE_CHANGED,
                column.role(),
                column.name(),
                "column '" + field.name() + "' is now " + field.type() + ", expected " + expected,
                null);
    }
}
