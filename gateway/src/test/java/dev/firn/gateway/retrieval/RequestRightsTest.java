package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.EventClasses;
import dev.firn.service.result.ResultLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/// What a request names needs a right.
final class RequestRightsTest {
    static {
        EventClasses.trust();
    }

    private static final Caller WITHOUT_RIGHTS = new Caller("alice", List.of());

    /// Who may read a view may not write its rows where others read them.
    @Test
    void aTargetNeedsTheRightToRegisterInItsCatalog() {
        assertThatCode(() -> check(request())).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(request().setTarget("iceberg.features.daily")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("'alice' may not register catalog 'iceberg'");
    }

    private static void check(RetrievalRequest.Builder request) {
        try (Storage storage = Storage.open(Map.of("client.region", "us-east-1"))) {
            Outcomes outcomes =
                    new Outcomes(storage, new ResultLayout("s3://lake/results/firn"), 1 << 20, new Semaphore(1));
            new RequestRights(outcomes, "s3://lake/uploads").check(WITHOUT_RIGHTS, request.build());
        }
    }

    private static RetrievalRequest.Builder request() {
        return RetrievalRequest.newBuilder()
                .setRequestId("id")
                .setSpine(Spine.newBuilder().setKind(SpineKind.ROWS).build())
                .setFeatures(List.of());
    }
}
