package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.kafka.Events;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import dev.firn.schemas.FirnHeaders;
import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who has asked for a request without an outcome, and what is its answer.
final class UnansweredTest {
    private static final Caller ALICE = new Caller("alice", List.of());
    private static final Caller BOB = new Caller("bob", List.of());

    static {
        EventClasses.trust();
    }

    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private final Events events = new Events(1 << 20);
    private final Asking asking = new Asking();
    private ResultLayout layout;
    private Unanswered unanswered;

    @BeforeEach
    void open(@TempDir Path folder) {
        layout = new ResultLayout(folder.toString());
        unanswered = new Unanswered(events, new Outcomes(storage, layout, 1 << 20, new Semaphore(1)), asking);
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private static RetrievalProgress progress() {
        return RetrievalProgress.newBuilder()
                .setRequestId("id")
                .setAttempt(1)
                .setStage("join")
                .setDone(0)
                .setTotal(0)
                .setAt(Instant.EPOCH)
                .build();
    }

    private static RetrievalResult failed(Code code, String digest) {
        return RetrievalResult.newBuilder()
                .setRequestId("id")
                .setRequestDigest(digest)
                .setStatus(RetrievalStatus.FAILED)
                .setCode(code.name())
                .setMessage("")
                .setCompletedAt(Instant.EPOCH)
                .build();
    }

    private void claim(int attempt, String principal) {
        storage.putIfAbsent(
                new AttemptNote(attempt, "token" + attempt, AttemptNote.Kind.CLAIM).location(layout, "id"),
                "{\"principal\": \"%s\"}".formatted(principal).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void beforeAWorkerBeginsWhoeverSentItHereHasAsked() {
        unanswered.sent("id", ALICE);

        assertThat(unanswered.isAskedBy("id", ALICE)).isTrue();
        assertThat(unanswered.isAskedBy("id", BOB)).isFalse();
    }

    /// Bob has sent a request with the id of Alice's through another gateway than she did.
    @Test
    void whoUsesTheIdOfARunningRequestHasNotAskedForIt() {
        unanswered.sent("id", BOB);
        claim(1, "alice");
        claim(2, "bob");

        assertThat(unanswered.isAskedBy("id", BOB)).isFalse();
        assertThat(unanswered.isAskedBy("id", ALICE)).isTrue();
    }

    @Test
    void aRequestThatNamesNobodyIsNotThatOfWhoUsesItsId() {
        unanswered.sent("id", BOB);
        claim(1, "");

        assertThat(unanswered.isAskedBy("id", BOB)).isFalse();
    }

    @Test
    void progressIsShownToWhomTheWorkerNamesWhicheverGatewaySentIt() {
        unanswered.sent("id", BOB);
        assertThat(unanswered.isShownTo(BOB, "id")).isTrue();
        asking.arrived(progress(), by("alice"));

        assertThat(unanswered.isShownTo(ALICE, "id")).isTrue();
        assertThat(unanswered.isShownTo(BOB, "id")).isFalse();
    }

    /// Somebody else who uses the id of a request that runs is given a later attempt.
    @Test
    void progressIsShownToWhoeverAskedForTheFirstAttemptThatWasHeard() {
        asking.arrived(attempt(2), by("bob"));
        assertThat(unanswered.isShownTo(BOB, "id")).isTrue();
        asking.arrived(attempt(1), by("alice"));
        asking.arrived(attempt(2), by("bob"));

        assertThat(unanswered.isShownTo(ALICE, "id")).isTrue();
        assertThat(unanswered.isShownTo(BOB, "id")).isFalse();
    }

    private static RetrievalProgress attempt(int number) {
        return RetrievalProgress.newBuilder(progress()).setAttempt(number).build();
    }

    private static RecordHeaders by(String principal) {
        RecordHeaders headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.PRINCIPAL, principal);
        return headers;
    }

    /// An older worker says nothing.
    @Test
    void progressThatNamesNobodyChangesNothing() {
        unanswered.sent("id", ALICE);
        asking.arrived(progress(), new RecordHeaders());

        assertThat(unanswered.isShownTo(ALICE, "id")).isTrue();
    }

    @Test
    void tellsHowFarItHasComeToWhomItIsShown() {
        assertThat(unanswered.known(ALICE, "id").isKnown()).isFalse();
        unanswered.sent("id", ALICE);
        assertThat(unanswered.known(BOB, "id").isKnown()).isTrue();
        claim(1, "alice");
        claim(2, "alice");
        events.arrived(progress(), 100);

        assertThat(unanswered.known(ALICE, "id"))
                .isEqualTo(
                        new RetrievalCalls.Known(Optional.empty(), OptionalInt.of(2), Optional.of(progress()), true));
        assertThat(unanswered.known(BOB, "id").progress()).isEmpty();
    }

    /// Whoever may write to Kafka can send such bytes under any id.
    @Test
    void theRefusalOfBytesThatAreNoRequestIsNotTheAnswerToOneThatRuns() {
        RetrievalResult ofBytes = failed(Code.UNDECODABLE_REQUEST, "");
        assertThat(unanswered.isAnswer(ofBytes, "id", ""))
                .as("nobody is at work")
                .isTrue();

        events.arrived(progress(), 100);
        events.arrived(ofBytes, 100);

        assertThat(unanswered.refusal("id")).isEmpty();
        assertThat(unanswered.isAnswer(ofBytes, "id", "")).isFalse();
        assertThat(unanswered.isAnswer(failed(Code.CANCELLED, ""), "id", "")).isTrue();
        assertThat(unanswered.isAnswer(failed(Code.UNKNOWN_VIEW, "d"), "id", ""))
                .isTrue();
        assertThat(unanswered.isAnswer(failed(Code.UNKNOWN_VIEW, "d"), "id", "e"))
                .isFalse();
        assertThat(unanswered.isAnswer(failed(Code.REQUEST_ID_REUSED, "d"), "id", ""))
                .isFalse();
    }
}
