package dev.firn.lake.catalog;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/// Finds a schema's top-level columns by name as SQL does: case-insensitive, unless columns differ only in case.
public final class ColumnResolver {
    private final Schema schema;

    public ColumnResolver(Schema schema) {
        this.schema = schema;
    }

    /// The result of looking up a name.
    public sealed interface Resolution {
        /// The name matches this column.
        record Found(NestedField column) implements Resolution {}

        /// No column matches; `nearest` is the closest name.
        record Missing(Optional<String> nearest) implements Resolution {}

        /// Several columns match that differ only in case, and none matches exactly.
        record Ambiguous(List<String> candidates) implements Resolution {}
    }

    public Resolution resolve(String name) {
        List<NestedField> matches = schema.columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .toList();
        if (matches.size() == 1) {
            return new Resolution.Found(matches.getFirst());
        }
        List<String> names = schema.columns().stream().map(NestedField::name).toList();
        if (matches.isEmpty()) {
            return new Resolution.Missing(NearestName.of(name, names));
        }
        return matches.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .<Resolution>map(Resolution.Found::new)
                .orElseGet(() -> new Resolution.Ambiguous(
                        matches.stream().map(NestedField::name).toList()));
    }
}
