package dev.firn.lake.catalog;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/// Finds a schema's top-level columns by name, as SQL does: case does not count, unless only case tells two
/// apart.
public final class ColumnResolver {
    private final Schema schema;

    public ColumnResolver(Schema schema) {
        this.schema = schema;
    }

    /// What a name stands for.
    public sealed interface Resolution {
        /// That column.
        record Found(NestedField column) implements Resolution {}

        /// None; perhaps the nearest name was meant.
        record Missing(Optional<String> nearest) implements Resolution {}

        /// Several columns that differ in case only, none of them spelt like this.
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
