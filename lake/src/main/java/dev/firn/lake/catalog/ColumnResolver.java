package dev.firn.lake.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/// Finds a schema's columns by name as SQL does: case-insensitive, unless columns differ only in case. A dotted path
/// finds a field within structs, such as `redpanda.timestamp`. A column whose own name has the dot wins over a path.
///
/// For one thread.
public final class ColumnResolver {
    /// How many missing names are compared with all columns to find the nearest.
    static final int MAX_SUGGESTIONS = 200;

    private final Schema schema;
    private @Nullable NearestName columnNames;
    private int suggestions;

    public ColumnResolver(Schema schema) {
        this.schema = schema;
    }

    /// The result of looking up a name.
    public sealed interface Resolution {
        /// The name matches this column; that of a field within structs is its whole path.
        record Found(NestedField column) implements Resolution {}

        /// No column matches; `nearest` is the closest name, for the first [ColumnResolver#MAX_SUGGESTIONS]
        /// missing names.
        record Missing(Optional<String> nearest) implements Resolution {}

        /// Several columns match that differ only in case, and none matches exactly.
        record Ambiguous(List<String> candidates) implements Resolution {}
    }

    /// The field with this id; the name of one within structs is its whole path. Empty if there is none.
    static Optional<NestedField> byId(Schema schema, int fieldId) {
        NestedField field = schema.findField(fieldId);
        return field == null
                ? Optional.empty()
                : Optional.of(named(field, String.valueOf(schema.findColumnName(fieldId))));
    }

    public Resolution resolve(String name) {
        List<NestedField> matches = matches(name);
        Optional<NestedField> found = only(matches, name);
        if (found.isPresent()) {
            return new Resolution.Found(found.get());
        }
        return matches.isEmpty()
                ? new Resolution.Missing(nearest(name))
                : new Resolution.Ambiguous(
                        matches.stream().map(NestedField::name).toList());
    }

    /// Whether [#resolve] finds a column.
    boolean finds(String name) {
        return only(matches(name), name).isPresent();
    }

    private static Optional<NestedField> only(List<NestedField> matches, String name) {
        return matches.size() == 1
                ? Optional.of(matches.getFirst())
                : matches.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    private List<NestedField> matches(String name) {
        List<NestedField> matches = new ArrayList<>();
        for (NestedField column : schema.columns()) {
            if (column.name().equalsIgnoreCase(name)) {
                matches.add(column);
            }
        }
        if (matches.isEmpty()) {
            schema.columns().forEach(column -> addWithin(column, name, matches));
        }
        return matches;
    }

    private Optional<String> nearest(String name) {
        if (suggestions == MAX_SUGGESTIONS) {
            return Optional.empty();
        }
        suggestions++;
        NearestName names = columnNames;
        if (names == null) {
            List<String> paths = new ArrayList<>();
            schema.columns().forEach(column -> addPaths(column, paths));
            names = NearestName.among(paths);
            columnNames = names;
        }
        return names.to(name);
    }

    private static void addWithin(NestedField outer, String path, List<NestedField> matches) {
        if (outer.type() instanceof StructType struct
                && path.length() > outer.name().length()
                && path.charAt(outer.name().length()) == '.'
                && path.regionMatches(true, 0, outer.name(), 0, outer.name().length())) {
            for (NestedField field : struct.fields()) {
                NestedField inner = named(field, outer.name() + "." + field.name());
                if (inner.name().equalsIgnoreCase(path)) {
                    matches.add(inner);
                }
                addWithin(inner, path, matches);
            }
        }
    }

    private static void addPaths(NestedField column, List<String> names) {
        names.add(column.name());
        if (column.type() instanceof StructType struct) {
            struct.fields().forEach(field -> addPaths(named(field, column.name() + "." + field.name()), names));
        }
    }

    private static NestedField named(NestedField field, String name) {
        return NestedField.from(field).withName(name).build();
    }
}
