package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.EventJson;
import dev.firn.service.client.Asked;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class StandingWaitTest {
    private @Nullable StandingRetrieval record;
    private final StandingWait wait = new StandingWait(
            "daily",
            new Asked("mine", "d", false),
            () -> record,
            run -> Optional.of(result(run, RetrievalStatus.SUCCEEDED)));

    /// Lets Avro instantiate Firn's classes.
    @BeforeAll
    static void trustEvents() {
        EventJson.read(Violation.class, "{\"code\":\"C\",\"message\":\"m\"}");
    }

    @Test
    void endsWithTheFirstRunOfThisDefinitionOnly() {
        record = stored("theirs").setLastRunId("daily.r1").build();
        assertThat(wait.endsWith(result("daily.r1", RetrievalStatus.SUCCEEDED))).isFalse();
        assertThat(wait.endsWith(created("theirs"))).isFalse();
        assertThat(wait.endsWith(created("mine")))
                .as("the record may be that of the previous definition")
                .isFalse();

        record = stored("mine").setDirty(true).build();
        assertThat(wait.endsWith(result("daily.r1", RetrievalStatus.SUCCEEDED))).isFalse();
        record = stored("mine").setOutstandingRunId("daily.r2").build();
        assertThat(wait.endsWith(result("daily.r1", RetrievalStatus.FAILED))).isFalse();
        assertThat(wait.endsWith(result("another", RetrievalStatus.SUCCEEDED))).isFalse();
        RetrievalResult run = result("daily.r2", RetrievalStatus.FAILED);
        assertThat(wait.endsWith(run)).isTrue();
        assertThat(wait.answer(run)).isEqualTo(run);
    }

    /// Somebody else took the id for another definition.
    @Test
    void anAnswerWithAnotherDigestIsNotItsOwn() {
        record = stored("mine").setLastRunId("daily.r1").build();
        assertThat(wait.endsWith(RetrievalResult.newBuilder(created("mine"))
                        .setRequestDigest("other")
                        .build()))
                .isFalse();
        assertThat(wait.endsWith(RetrievalResult.newBuilder(result("mine", RetrievalStatus.FAILED))
                        .setRequestDigest("other")
                        .build()))
                .isFalse();
        assertThat(wait.endsWith(created("mine"))).isTrue();
    }

    @Test
    void endsAtOnceIfTheDefinitionIsUnchanged() {
        record = stored("theirs").setLastRunId("daily.r1").build();
        RetrievalResult unchanged = unchanged("mine");
        assertThat(wait.endsWith(unchanged)).isTrue();
        assertThat(wait.answer(unchanged)).isEqualTo(unchanged);
    }

    @Test
    void answersWithTheLastRunIfTheRequestIsRepeated() {
        record = stored("mine").setLastRunId("daily.r1").build();
        RetrievalResult again = created("mine");
        assertThat(wait.endsWith(again)).isTrue();
        assertThat(wait.answer(again).getRequestId()).isEqualTo("daily.r1");
    }

    @Test
    void endsAtOnceWithTheReasonsOfASuspension() {
        Violation reason = Violation.newBuilder()
                .setCode("VIEW_BROKEN")
                .setMessage("a column is gone")
                .build();
        record = stored("theirs")
                .setStatus(StandingStatus.SUSPENDED)
                .setDirty(true)
                .setReasons(List.of(reason))
                .build();
        RetrievalResult unchanged = unchanged("mine");
        assertThat(wait.endsWith(unchanged)).isTrue();
        assertThat(wait.answer(unchanged).getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(wait.answer(unchanged).getViolations()).containsExactly(reason);
    }

    @Test
    void endsWithARejectionOrWithACancellationAfterAcceptance() {
        assertThat(wait.endsWith(result("mine", RetrievalStatus.FAILED))).isTrue();
        assertThat(wait.endsWith(result("theirs", RetrievalStatus.CANCELLED))).isFalse();
        record = stored("mine").setDirty(true).build();
        assertThat(wait.endsWith(created("mine"))).isFalse();
        assertThat(wait.endsWith(result("theirs", RetrievalStatus.CANCELLED))).isTrue();
    }

    private static RetrievalResult created(String requestId) {
        return result(requestId, RetrievalStatus.CREATED);
    }

    private static RetrievalResult unchanged(String requestId) {
        return RetrievalResult.newBuilder(created(requestId)).setUnchanged(true).build();
    }

    private static RetrievalResult result(String requestId, RetrievalStatus status) {
        return RetrievalResult.newBuilder()
                .setRequestId(requestId)
                .setRequestDigest("d")
                .setStatus(status)
                .setMessage("")
                .setStandingId("daily")
                .setCompletedAt(Instant.EPOCH)
                .build();
    }

    private static StandingRetrieval.Builder stored(String requestId) {
        return StandingRetrieval.newBuilder()
                .setStandingId("daily")
                .setVersion(2)
                .setStatus(StandingStatus.ACTIVE)
                .setRetrieval(RetrievalRequest.newBuilder()
                        .setRequestId("daily")
                        .setSpine(Spine.newBuilder().setKind(SpineKind.ALL).build())
                        .setFeatures(List.of("v:f"))
                        .build())
                .setRequestId(requestId)
                .setUpdatedAt(Instant.EPOCH);
    }
}
