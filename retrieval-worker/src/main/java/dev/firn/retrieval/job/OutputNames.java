package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.schemas.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/// The final names of a result's columns. No two may be equal, compared without case.
final class OutputNames {
    static final String EVENT_TIMESTAMP = "event_timestamp";

    private final Violations violations;
    private final Map<String, String> contents = new HashMap<>();

    private OutputNames(Violations violations) {
        this.violations = violations;
    }

    /// The extra column with the times of a view's winners.
    static String eventTimestamp(UsedView view) {
        return view.name() + "__" + EVENT_TIMESTAMP;
    }

    /// Checks all columns of a result whose spine has no rows of its own: the spine's, the features, the extras.
    ///
    /// @throws RetrievalRejected naming every collision, and every column that is declared but not there
    static void checkAll(CheckedRequest request, Schema spine) {
        List<String> names = spine.columns().stream().map(NestedField::name).toList();
        Violations violations = new Violations();
        addAll(request, names, violations);
        DeclaredTypes.check(request.request().getSpine(), Set.of(), spine, names, violations);
        violations.throwIfAny();
    }

    static void addAll(CheckedRequest request, List<String> spine, Violations violations) {
        addAll(request.request(), request.views(), request.features(), spine, violations);
    }

    static void addAll(
            RetrievalRequest request,
            List<UsedView> views,
            List<AskedFeature> features,
            List<String> spine,
            Violations violations) {
        OutputNames names = new OutputNames(violations);
        spine.forEach(name -> names.add(name, "the spine's column " + name));
        features.forEach(feature -> names.add(feature.name(), feature.reference()));
        if (request.getIncludeEventTimestamps()) {
            views.forEach(view -> names.add(eventTimestamp(view), view.name() + "'s event timestamp"));
        }
    }

    /// @param content what the column contains, for people
    private void add(String name, String content) {
        String other = contents.putIfAbsent(name.toLowerCase(Locale.ROOT), content);
        if (other != null) {
            violations.add(
                    Code.COLUMN_COLLISION,
                    "features",
                    "Column '%s' would be both %s and %s; use full_feature_names or an alias."
                            .formatted(name, other, content));
        }
    }
}
