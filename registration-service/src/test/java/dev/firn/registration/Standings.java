package dev.firn.registration;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.RequestDigest;
import java.util.Collections;
import java.util.List;

/// Requests for a standing retrieval of the view of [Views], and answers to its runs.
final class Standings {
    private Standings() {}

    static StandingRequest create(String id) {
        return StandingRequest.newBuilder()
                .setRequestId(id)
                .setStandingId("daily")
                .setAction(StandingAction.CREATE)
                .setRetrieval(retrieval().build())
                .build();
    }

    static StandingRequest cancel(String id) {
        return StandingRequest.newBuilder()
                .setRequestId(id)
                .setStandingId("daily")
                .setAction(StandingAction.CANCEL)
                .build();
    }

    /// Creates one with an inline spine.
    static StandingRequest withRows(String id, int rows) {
        return StandingRequest.newBuilder(create(id))
                .setRetrieval(retrieval()
                        .setSpine(Spine.newBuilder()
                                .setKind(SpineKind.IDS)
                                .setColumns(List.of("customer_id"))
                                .setRows(Collections.nCopies(rows, List.of("1")))
                                .build())
                        .build())
                .build();
    }

    static RetrievalRequest.Builder retrieval() {
        return RetrievalRequest.newBuilder()
                .setRequestId("unused")
                .setSpine(Spine.newBuilder().setKind(SpineKind.ALL).build())
                .setFeatures(List.of("customer_features:total_orders"));
    }

    static RetrievalResult result(RetrievalRequest run, RetrievalStatus status) {
        return RetrievalResult.newBuilder()
                .setRequestId(run.getRequestId())
                .setRequestDigest(RequestDigest.of(run))
                .setStatus(status)
                .setMessage("")
                .setLocation(
                        status == RetrievalStatus.SUCCEEDED ? "s3://lake/results/firn/" + run.getRequestId() : null)
                .setStandingId(run.getStandingId())
                .setCompletedAt(RegistryFixture.START)
                .build();
    }
}
