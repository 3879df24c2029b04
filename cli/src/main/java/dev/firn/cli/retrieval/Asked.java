package dev.firn.cli.retrieval;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.RequestDigest;

/// A request that was sent. Its answer bears its id and its digest; one with the id only answers another request.
record Asked(String requestId, String digest) {
    static Asked of(RetrievalRequest request) {
        return new Asked(request.getRequestId(), RequestDigest.of(request));
    }

    static Asked of(StandingRequest request) {
        return new Asked(request.getRequestId(), RequestDigest.of(request));
    }

    boolean isAnsweredBy(RetrievalResult result) {
        return result.getRequestId().equals(requestId)
                && result.getRequestDigest().equals(digest);
    }
}
