package dev.firn.service.client;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.RequestDigest;

/// A request that was sent. Its answer has its id and its digest; one with the id only answers another request,
/// unless it says that the id of a retrieval was cancelled.
///
/// @param isRetrieval whether it can be cancelled by its id
public record Asked(String requestId, String digest, boolean isRetrieval) {
    public static Asked of(RegistrationRequest request) {
        return new Asked(request.getRequestId(), RequestDigest.of(request), false);
    }

    public static Asked of(RetrievalRequest request) {
        return new Asked(request.getRequestId(), RequestDigest.of(request), true);
    }

    public static Asked of(StandingRequest request) {
        return new Asked(request.getRequestId(), RequestDigest.of(request), false);
    }

    public boolean isAnsweredBy(RegistrationResult result) {
        return result.getRequestId().equals(requestId)
                && result.getRequestDigest().equals(digest);
    }

    public boolean isAnsweredBy(RetrievalResult result) {
        return result.getRequestId().equals(requestId)
                && (isRetrieval
                        ? RequestDigest.isAnsweredBy(digest, result)
                        : result.getRequestDigest().equals(digest));
    }
}
