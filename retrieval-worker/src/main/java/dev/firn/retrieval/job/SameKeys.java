package dev.firn.retrieval.job;

import dev.firn.lake.scan.FeatureColumns;
import dev.firn.retrieval.job.SpineOpening.KeySource;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The keys that the views of a spine without rows have in common, in the order of the first view that has any. Views
/// without entities add no keys, unless none has entities: then there is one key, without columns.
///
/// @param columns for each view, what to read; null if the view adds no keys
/// @param fields the keys as columns of the spine, with ids from 1 on
/// @param sources for each view, for each of its keys, the spine's column
record SameKeys(List<@Nullable FeatureColumns> columns, List<NestedField> fields, List<List<KeySource>> sources) {
    SameKeys {
        columns = Collections.unmodifiableList(new ArrayList<>(columns));
        fields = List.copyOf(fields);
        sources = List.copyOf(sources);
    }

    /// @throws RetrievalRejected if the views have different keys
    static SameKeys of(List<BoundView> views) {
        BoundView first = first(views);
        List<@Nullable FeatureColumns> columns = aligned(views, first);
        List<String> names = first.use().keyColumns();
        List<NestedField> fields = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            fields.add(
                    NestedField.optional(k + 1, names.get(k), first.keyTypes().get(k)));
        }
        List<List<KeySource>> sources = new ArrayList<>();
        for (BoundView view : views) {
            List<KeySource> keys = new ArrayList<>();
            for (int k = 0; k < view.keyTypes().size(); k++) {
                int column = names.indexOf(view.use().keyColumns().get(k));
                Type type = fields.get(column).type();
                keys.add(new KeySource(
                        column, KeyCast.between(type, view.keyTypes().get(k)).orElseThrow()));
            }
            sources.add(keys);
        }
        return new SameKeys(columns, fields, sources);
    }

    private static BoundView first(List<BoundView> views) {
        return views.stream()
                .filter(view -> !view.keyTypes().isEmpty())
                .findFirst()
                .orElseGet(views::getFirst);
    }

    private static List<@Nullable FeatureColumns> aligned(List<BoundView> views, BoundView first) {
        Violations violations = new Violations();
        List<String> names = first.use().keyColumns();
        if (new HashSet<>(names).size() != names.size()) {
            violations.add(
                    Code.ENTITIES_DIFFER,
                    first.use().field(),
                    "Two entities of '%s' are mapped to the same column."
                            .formatted(first.use().name()));
        }
        List<@Nullable FeatureColumns> aligned = new ArrayList<>();
        for (BoundView view : views) {
            if (view.keyTypes().isEmpty() && !names.isEmpty()) {
                aligned.add(null);
                continue;
            }
            List<Integer> ids = new ArrayList<>();
            for (int k = 0; k < names.size(); k++) {
                int other = view.use().keyColumns().indexOf(names.get(k));
                boolean same = other >= 0
                        && view.use().keyColumns().size() == names.size()
                        && view.keyTypes().get(other).equals(first.keyTypes().get(k));
                if (!same) {
                    violations.add(
                            Code.ENTITIES_DIFFER,
                            view.use().field(),
                            "A spine without rows needs views with the same keys, but '%s' has %s of types %s and '%s' has %s of types %s."
                                    .formatted(
                                            first.use().name(),
                                            names,
                                            first.keyTypes(),
                                            view.use().name(),
                                            view.use().keyColumns(),
                                            view.keyTypes()));
                    break;
                }
                ids.add(view.columns().keyFieldIds().get(other));
            }
            FeatureColumns columns = view.columns();
            if (violations.isEmpty()) {
                aligned.add(
                        new FeatureColumns(ids, columns.timestampFieldId(), columns.createdFieldId(), columns.zone()));
            }
        }
        violations.throwIfAny();
        return aligned;
    }
}
