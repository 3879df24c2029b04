package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;
import dev.firn.retrieval.job.Pinning.Pinned;
import java.util.Set;

/// Whether a request may keep the snapshots it reads.
final class Retention {
    private Retention() {}

    static void check(RetrievalRequest request, Pinned pinned, Set<String> catalogs) {
        if (!request.getRetain()) {
            return;
        }
        Violations violations = new Violations();
        pinned.views().stream()
                .map(view -> view.table().pin().table())
                .filter(table -> !catalogs.contains(table.catalog()))
                .forEach(table -> violations.add(
                        Code.RETAIN_NOT_ALLOWED,
                        "retain",
                        "[%s] no snapshot may be kept by a tag in catalog '%s' here."
                                .formatted(table, table.catalog())));
        violations.throwIfAny();
    }
}
