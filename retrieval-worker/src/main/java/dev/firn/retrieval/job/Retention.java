package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;

/// Whether a request may keep the snapshots it reads. None may yet: it is refused, not passed over, since
/// somebody who asks for it relies on the snapshots to stay.
final class Retention {
    private Retention() {}

    static void check(RetrievalRequest request) {
        if (request.getRetain()) {
            throw new RetrievalRejected(
                    Code.RETAIN_NOT_ALLOWED, "retain", "No snapshot can be kept by a tag here; tag it in its catalog.");
        }
    }
}
