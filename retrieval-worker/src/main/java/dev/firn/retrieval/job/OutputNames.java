package dev.firn.retrieval.job;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The final names of a result's columns, compared without case: no two may be equal.
final class OutputNames {
    private final Violations violations;
    private final Map<String, String> owners = new HashMap<>();

    OutputNames(Violations violations) {
        this.violations = violations;
    }

    /// @param owner what the column holds, for people
    void take(String name, String owner) {
        String other = owners.putIfAbsent(name.toLowerCase(Locale.ROOT), owner);
        if (other != null) {
            violations.add(
                    Code.COLUMN_COLLISION,
                    "features",
                    "Column '%s' would hold both %s and %s; use full_feature_names or an alias."
                            .formatted(name, other, owner));
        }
    }

    /// All columns of a result: the spine's, the features, the extras.
    ///
    /// @throws RetrievalRejected naming every collision
    static void checkAll(CheckedRequest request, List<String> spine) {
        Violations violations = new Violations();
        addAll(request, spine, violations);
        violations.throwIfAny();
    }

    static void addAll(CheckedRequest request, List<String> spine, Violations violations) {
        OutputNames names = new OutputNames(violations);
        spine.forEach(name -> names.take(name, "the spine's column " + name));
        request.features().forEach(feature -> names.take(feature.name(), feature.reference()));
        if (request.request().getIncludeEventTimestamps()) {
            request.views()
                    .forEach(view ->
                            names.take(RequestCheck.eventTimestampName(view), view.name() + "'s event timestamp"));
        }
    }
}
