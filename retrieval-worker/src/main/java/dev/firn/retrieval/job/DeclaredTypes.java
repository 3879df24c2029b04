package dev.firn.retrieval.job;

import dev.firn.events.Spine;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.catalog.NearestName;
import dev.firn.schemas.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;

/// The dtypes that a request declares for columns of its spine (`column_types`). An entry that declares nothing would
/// leave a column as it is without a word, so it is refused.
final class DeclaredTypes {
    private DeclaredTypes() {}

    /// Adds a violation for each column that the spine does not have, and for each one that its files, its table or the
    /// views store as another type. Columns that are not kept may be declared.
    ///
    /// @param compared columns that are compared with the views elsewhere
    /// @param names of all columns, those that are not kept included
    static void check(Spine asked, Set<String> compared, Schema spine, List<String> names, Violations violations) {
        NearestName nearest = NearestName.among(names);
        for (Map.Entry<String, String> entry : asked.getColumnTypes().entrySet()) {
            if (violations.isFull()) {
                return;
            }
            String column = entry.getKey();
            if (!names.contains(column)) {
                violations.add(
                        Code.SPINE_COLUMN_NOT_FOUND,
                        field(column),
                        "column_types declares '%s', which the spine does not have; it has %s."
                                .formatted(RequestCheck.shown(column), SpineOpening.shown(names)),
                        nearest.to(column).orElse(null));
                continue;
            }
            Optional<Type> declared = type(column, entry.getValue(), violations);
            if (declared.isPresent() && !compared.contains(column)) {
                spine.columns().stream()
                        .filter(field -> field.name().equals(column))
                        .map(NestedField::type)
                        .filter(stored -> !stored.equals(declared.get()))
                        .forEach(stored -> violations.add(
                                Code.SPINE_COLUMN_TYPE,
                                field(column),
                                ("Column '%s' is %s in the spine, not %s. column_types is for text only: leave the column"
                                                + " out of it, or cast it.")
                                        .formatted(column, stored, declared.get())));
            }
        }
    }

    /// Empty where a violation says why.
    static Optional<Type> type(String column, String dtype, Violations violations) {
        try {
            return Optional.of(TextTypes.of(Dtype.parse(dtype)));
        } catch (IllegalArgumentException e) {
            violations.add(
                    Code.SPINE_COLUMN_TYPE,
                    field(column),
                    "'%s' is not a type that text can hold: %s.".formatted(dtype, e.getMessage()));
            return Optional.empty();
        }
    }

    static String field(String column) {
        return "spine.column_types." + column;
    }
}
