package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.outcome.AttemptHistory;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// From bytes to the announced answer: decoding, ids, dead letters.
@Timeout(30)
final class AnsweringTest extends AnsweringFixture {
    @Test
    void announcesWhatTheManifestSays() {
        answer();

        RetrievalResult result = sink.only();
        assertThat(result.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(result.getLocation()).matches(Pattern.quote(ROOT) + "/request-1/1/[0-9a-f]{32}/");
        assertThat(result.getMessage()).startsWith("1 row with ");
        assertThat(manifest().result()).isEqualTo(result);
        assertThat(manifest().request())
                .isNotNull()
                .satisfies(request -> assertThat(request.getRequestId()).isEqualTo("request-1"));
    }

    @Test
    void deadLettersARequestThatCannotBeDigested() {
        digestFault = new ArithmeticException("says the test");
        answer();

        assertThat(sink.deadLetters).containsExactly(Code.MALFORMED);
        assertThat(sink.only().getCode()).isEqualTo(Code.UNDECODABLE_REQUEST.name());
        assertThat(storage.files).isEmpty();
    }

    @Test
    void deadLettersUndecodableBytesAndAnswersTheirKey() {
        decoding = new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "expected first byte 0x00, found 0x7b");
        answer();

        assertThat(sink.deadLetters).containsExactly(Code.NOT_MAGIC);
        assertThat(sink.only().getRequestId()).isEqualTo("request-1");
        assertThat(sink.only().getCode()).isEqualTo(Code.UNDECODABLE_REQUEST.name());
        assertThat(storage.files).isEmpty();
    }

    /// As Confluent's header serializer writes it.
    @Test
    void aSchemaIdInAHeaderIsNamedInTheDeadLetter() {
        decoding = new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "expected first byte 0x00, found 0x12");
        TakenRequest taken = taken();
        taken.record().headers().add("__value_schema_id", new byte[17]);
        answer(answering(attempting), taken);

        assertThat(sink.deadLetters).containsExactly(Code.SCHEMA_ID_IN_HEADER);
        assertThat(sink.only().getMessage()).contains("SCHEMA_ID_IN_HEADER").contains("__value_schema_id");
    }

    /// A mirror may keep the header of a value that it wrote anew.
    @Test
    void aValueThatCanBeReadIsReadWhateverItsHeaders() {
        TakenRequest taken = taken();
        taken.record().headers().add("__value_schema_id", new byte[17]);
        answer(answering(attempting), taken);

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void waitsForTheSchemaRegistryWithoutADeadLetter() {
        int[] tries = {0};
        Answering answering = decodingBy(bytes -> {
            if (++tries[0] < 4) {
                throw new TransientFault("the schema registry does not answer");
            }
            return decoding;
        });
        answer(answering, taken());

        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void answersAnInvalidIdWithoutTouchingTheStore() {
        decoding = new Decoded.Value<>(
                RetrievalRequest.newBuilder(REQUEST).setRequestId("../x").build());
        answer();

        assertThat(sink.only().getCode()).isEqualTo(Code.INVALID_REQUEST_ID.name());
        assertThat(storage.files).isEmpty();
    }

    /// Ids become the answer's key and headers, which must fit into its record.
    @Test
    void truncatesIdsThatAreTooLong() {
        decoding = new Decoded.Value<>(RetrievalRequest.newBuilder(REQUEST)
                .setRequestId("x".repeat(800 * 1024))
                .build());
        answer();
        decoding = new Decoded.Value<>(RetrievalRequest.newBuilder(REQUEST)
                .setStandingId("y".repeat(800 * 1024))
                .build());
        answer();

        assertThat(sink.results).hasSize(2).allSatisfy(result -> {
            assertThat(result.getCode()).isEqualTo(Code.INVALID_REQUEST_ID.name());
            assertThat(result.getRequestId().length()).isLessThanOrEqualTo(Limits.ID_LENGTH);
            assertThat(result.getStandingId()).isNull();
        });
        assertThat(storage.files).isEmpty();
    }

    @Test
    void deadLettersARequestWhoseAnswerIsTooLarge() {
        sink.refusal = new RecordTooLargeException("larger than the topic takes, says the test");
        answer();

        assertThat(sink.results).isEmpty();
        assertThat(sink.deadLetters).containsExactly(Code.ANSWER_TOO_LARGE);
        assertThat(manifest().result().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void answersUndecodableBytesEquallyWhenTheyAreDeliveredAgain() {
        decoding = new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "expected first byte 0x00, found 0x7b");
        answeredEquallyAgain(Code.UNDECODABLE_REQUEST);
    }

    @Test
    void answersAnInvalidIdEquallyWhenItIsDeliveredAgain() {
        decoding = new Decoded.Value<>(
                RetrievalRequest.newBuilder(REQUEST).setRequestId("../x").build());
        answeredEquallyAgain(Code.INVALID_REQUEST_ID);
    }

    @Test
    void answersAReservedIdEquallyWhenItIsDeliveredAgain() {
        decoding = new Decoded.Value<>(
                RetrievalRequest.newBuilder(REQUEST).setStandingId("standing").build());
        answeredEquallyAgain(Code.STANDING_ID_RESERVED);
    }

    @Test
    void answersAReusedIdEquallyWhenItIsDeliveredAgain() {
        answer();
        sink.results.clear();
        decoding = new Decoded.Value<>(RetrievalRequest.newBuilder(REQUEST)
                .setFeatures(List.of("orders:other"))
                .build());
        answeredEquallyAgain(Code.REQUEST_ID_REUSED);
    }

    /// At least once and equal: a client may see any of the answers.
    private void answeredEquallyAgain(Code code) {
        answer();
        clock = Clock.offset(CLOCK, Duration.ofHours(1));
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getCode()).isEqualTo(code.name());
    }

    @Test
    void announcesUntilTheBrokerAcknowledges() {
        sink.failures = 3;
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void parksACopyOfARequestInProgress() {
        Answering[] worker = new Answering[1];
        worker[0] = answering(task -> {
            attempts++;
            for (int copy = 0; copy < 7; copy++) {
                assertThat(worker[0].turn(taken(8 + copy), false)).isEqualTo(new Turn.Parked(Turn.Cause.DUPLICATE));
            }
            return completed(task);
        });
        answer(worker[0], taken());
        for (int copy = 0; copy < 7; copy++) {
            answer(worker[0], taken(8 + copy));
        }

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.results).hasSize(8).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    /// A client that is not answered soon sends its request again and again. A worker has to keep all the copies.
    @Test
    void parkedCopiesOfARequestHoldItsValueOnce() {
        TakenRequest first = taken();
        TakenRequest copy = taken(8);
        Answering[] worker = new Answering[1];
        worker[0] = answering(task -> {
            assertThat(worker[0].turn(copy, false)).isEqualTo(new Turn.Parked(Turn.Cause.DUPLICATE));
            return completed(task);
        });
        answer(worker[0], first);

        assertThat(copy.record().value()).isSameAs(first.record().value());
        assertThat(copy.record().offset()).isEqualTo(8);
        answer(worker[0], copy);
        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{}", "", "{\"manifest_version\": 2}"})
    void parksARequestUntilItsUnreadableManifestIsRepaired(String content) {
        String manifest = ROOT + "/request-1/_manifest.json";
        storage.files.put(manifest, content.getBytes(StandardCharsets.UTF_8));
        TakenRequest taken = taken();
        Answering answering = answering(attempting);

        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.UNREADABLE));
        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.UNREADABLE));
        assertThat(sink.results).isEmpty();
        assertThat(attempts).isZero();

        storage.files.remove(manifest);
        answer(answering, taken);
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    /// An outcome may stand that this worker cannot read, so nothing is announced.
    @Test
    void deadLettersARequestWhoseOutcomeStaysUnreadable() {
        storage.files.put(ROOT + "/request-1/_manifest.json", "{".getBytes(StandardCharsets.UTF_8));
        unreadableLimit = Duration.ZERO;
        answer();

        assertThat(sink.deadLetters).containsExactly(Code.OUTCOME_UNREADABLE);
        assertThat(sink.results).isEmpty();
    }

    /// A right that is missing is given back; until then no dead letter.
    @Test
    void parksARequestWithoutLimitWhileTheStoreDeniesItsOutcome() {
        unreadableLimit = Duration.ZERO;
        storage.denyReads = true;
        TakenRequest taken = taken();
        Answering answering = answering(attempting);

        for (int i = 0; i < 3; i++) {
            assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.DENIED));
        }
        storage.denyReads = false;
        answer(answering, taken);
        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void parksARequestWhoseHandlingThrowsAnError() {
        int[] decodings = {0};
        Answering answering = decodingBy(bytes -> {
            if (++decodings[0] == 1) {
                throw new NoClassDefFoundError("says the test");
            }
            return decoding;
        });
        TakenRequest taken = taken();

        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.FAILED));
        answer(answering, taken);
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    /// It would hold its partition back for good. An outcome may stand, so nothing is announced.
    @Test
    void deadLettersARequestWhoseHandlingGoesOnFailing() {
        Answering answering = decodingBy(bytes -> {
            throw new IllegalStateException("a fault of ours, says the test");
        });
        TakenRequest taken = taken();
        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.FAILED));
        assertThat(sink.deadLetters).isEmpty();

        unreadableLimit = Duration.ZERO;
        answer(
                decodingBy(bytes -> {
                    throw new IllegalStateException("a fault of ours, says the test");
                }),
                taken);

        assertThat(sink.deadLetters).containsExactly(Code.HANDLING_FAILED);
        assertThat(sink.results).isEmpty();
    }

    /// The process ends, so its attempt stands as one that died.
    @Test
    void memoryThatRunsOutIsNoFailureOfTheRequest() {
        attempting = task -> {
            throw new IllegalStateException("a reader failed", new OutOfMemoryError("says the test"));
        };

        assertThatThrownBy(() -> answering(attempting).turn(taken(), false)).isInstanceOf(OutOfMemoryError.class);
        assertThat(sink.results).isEmpty();
        assertThat(results().attempts("request-1")).isEqualTo(new AttemptHistory(1, 0, 1));
    }
}
