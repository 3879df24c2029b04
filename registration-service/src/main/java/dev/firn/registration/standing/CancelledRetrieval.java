package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import java.util.List;

/// What stays of a cancelled standing retrieval forever: its id, version, status, number of runs and time. One that is
/// created again under the id goes on from there, so that its runs never have the ids of earlier ones, whose outcomes
/// may still stand.
final class CancelledRetrieval {
    private CancelledRetrieval() {}

    /// The record without its definition. A record that was cut before stays the same.
    static StandingRetrieval cut(StandingRetrieval cancelled) {
        return StandingRetrieval.newBuilder()
                .setStandingId(cancelled.getStandingId())
                .setVersion(cancelled.getVersion())
                .setStatus(StandingStatus.CANCELLED)
                .setRetrieval(RetrievalRequest.newBuilder()
                        .setRequestId("")
                        .setSpine(Spine.newBuilder().setKind(SpineKind.UNKNOWN).build())
                        .setFeatures(List.of())
                        .build())
                .setRequestId("")
                .setRuns(cancelled.getRuns())
                .setUpdatedAt(cancelled.getUpdatedAt())
                .build();
    }
}
