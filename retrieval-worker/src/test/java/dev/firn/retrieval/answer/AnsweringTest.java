package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.job.Code;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.ResultFiles;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.Manifest;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class AnsweringTest {
    private static final Clock CLOCK = Clock.fixed(Given.NOW, ZoneOffset.UTC);
    private static final String ROOT = "s3://lake/results/firn";
    private static final RetrievalRequest REQUEST =
            Given.request(Given.ids("id", "1"), "orders:total").build();

    private final InMemoryStorage storage = new InMemoryStorage();
    private final RecordingSink sink = new RecordingSink();
    private Decoded<RetrievalRequest> decoding = new Decoded.Value<>(REQUEST);
    private Answering.Attempting attempting = this::succeed;
    private int attempts;
    private int decodings;

    @Test
    void announcesWhatTheManifestSays() {
        answer();

        RetrievalResult result = sink.only();
        assertThat(result.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(result.getLocation()).isEqualTo(ROOT + "/request-1/1");
        assertThat(manifest().result()).isEqualTo(result);
    }

    @Test
    void announcesARedeliveredRequestAgainWithoutRunningIt() {
        answer();
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void refusesAnotherRequestUnderAnAnsweredId() {
        answer();
        decoding = new Decoded.Value<>(
                Given.request(Given.ids("id", "2"), "orders:total").build());
        answer();

        assertThat(sink.results.getLast().getCode()).isEqualTo(Code.REQUEST_ID_REUSED.name());
        assertThat(manifest().result().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void answersTheUsersMistakesAndKeepsTheAnswer() {
        attempting = task -> {
            throw new RetrievalRejected(Code.UNKNOWN_VIEW, "features[0]", "No view 'orders' is registered.");
        };
        answer();
        attempting = this::succeed;
        answer();

        assertThat(sink.results).extracting(RetrievalResult::getCode).containsExactly("UNKNOWN_VIEW", "UNKNOWN_VIEW");
    }

    @Test
    void retriesWithinTheAttemptWhileACatalogIsUnavailable() {
        attempting = task -> {
            if (++attempts < 4) {
                throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away", null);
            }
            return completed(task);
        };
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(sink.only().getAttempt()).isEqualTo(1);
    }

    @Test
    void waitsWhileTheStoreIsUnavailable() {
        storage.failNextCalls(7);
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void countsAFailedAttemptAndStartsAnother() {
        attempting = task -> {
            if (++attempts == 1) {
                throw new IllegalStateException("a bug, says the test");
            }
            return completed(task);
        };
        answer();

        assertThat(sink.only().getAttempt()).isEqualTo(2);
        assertThat(sink.only().getLocation()).isEqualTo(ROOT + "/request-1/2");
    }

    @Test
    void answersAfterTheLastAttempt() {
        attempting = task -> {
            attempts++;
            throw new IllegalStateException("a bug, says the test");
        };
        answer();

        assertThat(attempts).isEqualTo(5);
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
        assertThat(sink.only().getMessage()).contains("a bug, says the test");
    }

    /// A library that cannot be loaded is no [Exception]; the request still gets its answer.
    @Test
    void answersAfterAnyError() {
        attempting = task -> {
            throw new NoClassDefFoundError("libzstd, says the test");
        };
        answer();

        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
        assertThat(sink.only().getMessage()).contains("libzstd, says the test");
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
    void countsAttemptsThatCrashedElsewhere() {
        for (int i = 1; i <= 5; i++) {
            storage.files.put(ROOT + "/request-1/" + i + "/_attempt.json", new byte[] {(byte) i});
        }
        answer();

        assertThat(attempts).isZero();
        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
    }

    @Test
    void announcesTheWinnersOutcomeAndDeletesItsOwnFiles() {
        attempting = task -> {
            Completed mine = completed(task);
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            Answering other = answering(otherTask -> completed(otherTask));
            other.answer(taken());
            return mine;
        };
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getAttempt()).isEqualTo(2);
        assertThat(storage.files.keySet()).doesNotContain(ROOT + "/request-1/1/part-00000000.parquet");
    }

    @Test
    void keepsItsFilesWhenTheResponseToItsDecisionIsLost() {
        attempting = task -> {
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            storage.loseNextPutResponse();
            return completed(task);
        };
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(storage.files.keySet()).contains(ROOT + "/request-1/1/part-00000000.parquet");
    }

    @Test
    void aCancelledRequestIsNotAnsweredAndItsAttemptDoesNotCount() {
        TakenRequest taken = taken();
        attempting = task -> {
            taken.cancellation().cancel();
            taken.cancellation().check();
            throw new AssertionError();
        };

        assertThatThrownBy(() -> answering(attempting).answer(taken)).isInstanceOf(CancellationException.class);
        assertThat(sink.results).isEmpty();
        assertThat(storage.files).isEmpty();
    }

    @Test
    void withdrawsAnAttemptThatIsCancelledAfterItsLastFile() {
        TakenRequest taken = taken();
        attempting = task -> {
            storage.files.put(task.folder() + "/part-00000000.parquet", new byte[1]);
            taken.cancellation().cancel();
            return completed(task);
        };

        assertThatThrownBy(() -> answering(attempting).answer(taken)).isInstanceOf(CancellationException.class);
        assertThat(sink.results).isEmpty();
        assertThat(storage.files).isEmpty();
    }

    @Test
    void deadLettersARequestThatCannotBeDigested() {
        digestFault = new ArithmeticException("says the test");
        answer();

        assertThat(sink.deadLetters).hasSize(1);
        assertThat(sink.only().getCode()).isEqualTo(Code.UNDECODABLE_REQUEST.name());
        assertThat(storage.files).isEmpty();
    }

    @Test
    void deadLettersUndecodableBytesAndAnswersTheirKey() {
        decoding = new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "expected first byte 0x00, found 0x7b");
        answer();

        assertThat(sink.deadLetters).hasSize(1);
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

    /// Ids become keys and headers of the answer: of one that is none only so much goes out as fits into its record.
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
        assertThat(sink.deadLetters).hasSize(1);
        assertThat(manifest().result().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void waitsUntilAnUnreadableManifestIsRepaired() {
        String manifest = ROOT + "/request-1/_manifest.json";
        storage.files.put(manifest, "{".getBytes(StandardCharsets.UTF_8));
        answering(
                        bytes -> {
                            if (++decodings == 3) {
                                storage.files.remove(manifest);
                            }
                            return decoding;
                        },
                        attempting)
                .answer(taken());

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(decodings).isEqualTo(3);
    }

    @Test
    void announcesUntilTheBrokerAcknowledges() {
        sink.failures = 3;
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(attempts).isEqualTo(1);
    }

    private void answer() {
        answering(attempting).answer(taken());
    }

    private Manifest manifest() {
        return results().find("request-1").orElseThrow();
    }

    private ResultStore results() {
        return new ResultStore(storage, ROOT, "worker", CLOCK);
    }

    private Answering answering(Answering.Attempting attempt) {
        return answering(bytes -> decoding, attempt);
    }

    private @Nullable RuntimeException digestFault;

    private Answering decodingBy(EventDecoder<RetrievalRequest> decoder) {
        return answering(decoder, attempting);
    }

    private Answering answering(EventDecoder<RetrievalRequest> decoder, Answering.Attempting attempt) {
        return new Answering(
                decoder,
                request -> {
                    if (digestFault != null) {
                        throw digestFault;
                    }
                    return Integer.toHexString(request.hashCode());
                },
                cancellation -> Views.of(List.of()),
                attempt,
                results(),
                location -> {
                    throw new AssertionError(location);
                },
                sink,
                (id, number) -> Progress.NONE,
                new Answering.Settings(5, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(20), "worker"),
                CLOCK);
    }

    private Completed succeed(Retrieval.Task task) {
        attempts++;
        return completed(task);
    }

    private static Completed completed(Retrieval.Task task) {
        return new Completed(
                task.folder(),
                List.of(),
                List.of(new ResultFiles.File(task.folder() + "/part-00000000.parquet", 1, 100, "sum")),
                1,
                "digest",
                List.of(),
                Pins.newBuilder().setAsOf(Given.NOW).setViews(List.of()).build(),
                Map.of("join", 5L));
    }

    private static TakenRequest taken() {
        return new TakenRequest(
                new ConsumerRecord<>(
                        "retrieval-requests",
                        0,
                        7,
                        Given.NOW.toEpochMilli(),
                        TimestampType.LOG_APPEND_TIME,
                        9,
                        1,
                        "request-1".getBytes(StandardCharsets.UTF_8),
                        new byte[] {0},
                        new RecordHeaders(),
                        Optional.empty()),
                Lane.REQUESTS);
    }

    private static final class RecordingSink implements AnswerSink {
        private final List<RetrievalResult> results = new ArrayList<>();
        private final List<TakenRequest> deadLetters = new ArrayList<>();
        private int failures;
        private @Nullable RuntimeException refusal;

        RetrievalResult only() {
            assertThat(results).hasSize(1);
            return results.getFirst();
        }

        @Override
        public synchronized void announce(RetrievalResult result, Headers request) {
            if (refusal != null) {
                throw refusal;
            }
            if (failures-- > 0) {
                throw new TransientFault("the broker is away, says the test");
            }
            results.add(result);
        }

        @Override
        public void deadLetter(TakenRequest request, String code, String reason) {
            deadLetters.add(request);
        }
    }
}
