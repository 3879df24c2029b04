package dev.firn.retrieval.job;

import dev.firn.events.RetrievalRequest;

/// Whether a request may keep the snapshots it reads. This version cannot: it is refused, not passed over, since
/// somebody who asks for it relies on the snapshots to stay.
final class Retention {
    private Retention() {}

    static void check(RetrievalRequest request) {
        if (request.getRetain()) {
            throw new RetrievalRejected(
                    Code.RETAIN_NOT_ALLOWED,
                    "retain",
                    "This version does not support 'retain': it writes no tags; tag the snapshot in its catalog.");
        }
    }
}
