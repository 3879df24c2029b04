package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalRequest;
import dev.firn.retrieval.intake.TakenRequest;

/// A request that was decoded.
///
/// @param digest equal for equal requests
record DecodedRequest(TakenRequest taken, RetrievalRequest request, String digest) {
    String id() {
        return request.getRequestId();
    }
}
