package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalStatus;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Ids;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever may write retrieval-requests must not decide what a standing retrieval answers.
final class ReservedForRunsTest extends AnsweringFixture {
    private static final String RUN = Ids.runId("daily", 7, "0123456789abcdef");

    @Test
    void aRequestMayNotHaveAStandingId() {
        answer(RetrievalRequest.newBuilder(REQUEST).setStandingId("daily").build(), Lane.REQUESTS);

        assertThat(sink.only().getCode()).isEqualTo(Code.STANDING_ID_RESERVED.name());
        assertThat(sink.only().getStandingId()).isNull();
        assertThat(attempts).isZero();
    }

    @Test
    void aRequestMayNotHaveTheIdOfARun() {
        answer(RetrievalRequest.newBuilder(REQUEST).setRequestId(RUN).build(), Lane.REQUESTS);

        assertThat(sink.only().getCode()).isEqualTo(Code.REQUEST_ID_RESERVED.name());
        assertThat(storage.files).as("the run itself is not decided").isEmpty();
    }

    @Test
    void aRunHasBoth() {
        answer(
                RetrievalRequest.newBuilder(REQUEST)
                        .setRequestId(RUN)
                        .setStandingId("daily")
                        .setPreviousRun(new PreviousRun("daily.r6.0123456789abcdef", "s3://lake/_manifest.json"))
                        .build(),
                Lane.RUNS);

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(sink.only().getStandingId()).isEqualTo("daily");
        assertThat(results().find(RUN).orElseThrow().previousRun())
                .as("the sweep must know")
                .isEqualTo("daily.r6.0123456789abcdef");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"daily.r7", "daily.r7.0123456789abcde", "daily.r.0123456789abcdef", "daily.7.0123456789abcdef"})
    void otherIdsStayFree(String id) {
        answer(RetrievalRequest.newBuilder(REQUEST).setRequestId(id).build(), Lane.REQUESTS);

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    private void answer(RetrievalRequest request, Lane lane) {
        decoding = new Decoded.Value<>(request);
        answer(answering(attempting), new TakenRequest(taken().record(), lane));
    }
}
