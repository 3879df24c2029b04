package dev.firn.retrieval.job;

import dev.firn.events.Violation;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Types.NestedField;

/// What is allowed in a retrieval but probably not meant. Collected while it runs; for one thread.
final class ResultWarnings {
    private final CheckedRequest request;
    private final List<Violation> warnings = new ArrayList<>();

    ResultWarnings(CheckedRequest request) {
        this.request = request;
    }

    List<Violation> all() {
        return List.copyOf(warnings);
    }

    void add(Code code, String field, String message) {
        warnings.add(code.violation(field, message));
    }

    /// Features that are null because their column was added after the snapshot.
    void addNotYet(List<BoundView> views) {
        for (AskedFeature feature : request.features()) {
            BoundView view = views.get(feature.view());
            NestedField column = view.features().get(feature.feature());
            if (column != null && view.notYet().contains(feature.feature())) {
                add(
                        Code.COLUMN_NOT_YET,
                        field(feature),
                        "'%s' is null: its column '%s' was added to %s after snapshot %s"
                                .formatted(
                                        feature.reference(),
                                        column.name(),
                                        view.table().pin().table(),
                                        view.table().pin().snapshotId()));
            }
        }
    }

    /// Where the request asks for the feature.
    private String field(AskedFeature feature) {
        List<String> asked = request.request().getFeatures();
        String reference = feature.reference();
        int index = asked.indexOf(reference);
        return "features[%d]"
                .formatted(index >= 0 ? index : asked.indexOf(reference.substring(0, reference.indexOf(':')) + ":*"));
    }
}
