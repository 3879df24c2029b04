package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// From bytes to the announced answer: decoding, ids, dead letters.
@Timeout(30)
final class AnsweringTest extends AnsweringFixture {
    @Test
    void announcesWhatTheManifestSays() {
        answer();

        RetrievalResult result = sink.only();
        assertThat(result.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(result.getLocation()).matches(Pattern.quote(ROOT) + "/request-1/1/[0-9a-f]{32}");
        assertThat(manifest().result()).isEqualTo(result);
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

    @Test
    void waitsForTheSchemaRegistryWithoutADeadLetter() {
        int[] tries = {0};
        Answering answering = decodingBy(bytes -> {
            if (++tries[0] < 4) {
                throw new TransientFault("the schema registry does not answer");
            }
            return decoding;
        });
        answering.answer(taken());

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
    void announcesUntilTheBrokerAcknowledges() {
        sink.failures = 3;
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void aRepeatedRequestWaitsForTheOneInProgress() throws InterruptedException {
        List<Thread> again = new ArrayList<>();
        Answering[] worker = new Answering[1];
        worker[0] = answering(task -> {
            attempts++;
            for (int i = 0; i < 7; i++) {
                again.add(Thread.ofPlatform().start(() -> worker[0].answer(taken())));
            }
            for (Thread thread : again) {
                while (thread.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
            }
            return completed(task);
        });
        worker[0].answer(taken());
        for (Thread thread : again) {
            thread.join();
        }

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.results).hasSize(8).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void waitsUntilAnUnreadableManifestIsRepaired() {
        int[] decodings = {0};
        String manifest = ROOT + "/request-1/_manifest.json";
        storage.files.put(manifest, "{".getBytes(StandardCharsets.UTF_8));
        answering(
                        bytes -> {
                            if (++decodings[0] == 3) {
                                storage.files.remove(manifest);
                            }
                            return decoding;
                        },
                        attempting)
                .answer(taken());

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(decodings[0]).isEqualTo(3);
    }
}
