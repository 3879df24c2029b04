package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Cancellations before, while and after a request is answered.
@Timeout(30)
final class CancellingTest extends AnsweringFixture {
    private static final RetrievalCommand CANCEL = RetrievalCommand.newBuilder()
            .setRequestId("request-1")
            .setAction(RetrievalAction.CANCEL)
            .setReason("wrong month")
            .build();

    private Decoded<RetrievalCommand> command = new Decoded.Value<>(CANCEL);

    private Turn cancel() {
        return new Cancelling(bytes -> command, results(), targets, sink, settings(), clock).turn(taken());
    }

    @Test
    void aCancelledIdAnswersWhateverRequestComesLater() {
        cancel();
        answer();
        decoding = new Decoded.Value<>(
                Given.request(Given.ids("id", "2"), "orders:total").build());
        answer();

        assertThat(sink.results).hasSize(3).containsOnly(sink.results.getFirst());
        RetrievalResult result = sink.results.getFirst();
        assertThat(result.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(result.getCode()).isEqualTo(Code.CANCELLED.name());
        assertThat(result.getMessage()).isEqualTo("'request-1' was cancelled: wrong month");
        assertThat(result.getRequestDigest()).isEmpty();
        assertThat(result.getManifestLocation()).isEqualTo(ROOT + "/request-1/_manifest.json");
        assertThat(attempts).isZero();
    }

    @Test
    void announcesTheOutcomeThatWasFirst() {
        answer();
        RetrievalResult succeeded = sink.only();
        cancel();

        assertThat(sink.results).containsExactly(succeeded, succeeded);
    }

    /// Both announce the same, also if the command is the first to complete the outcome.
    @Test
    void announcesWhatBecameOfTheTarget() {
        targets = (outcome, waited, step) -> CompletionTest.committed(outcome.result());
        answer();
        cancel();
        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());

        targets = (outcome, waited, step) -> Optional.empty();
        assertThat(cancel()).isEqualTo(new Turn.Parked(Turn.Cause.TARGET));
    }

    @Test
    void stopsTheAttemptThatRuns() {
        attempting = task -> {
            attempts++;
            storage.putIfAbsent(task.folder() + "/part-00000000.parquet", new byte[1]);
            cancel();
            return untilCancelled(task);
        };
        answer();

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(manifest().result().getCode()).isEqualTo(Code.CANCELLED.name());
        assertThat(storage.files.keySet())
                .as("no file of the attempt is left, and it does not count")
                .noneMatch(file -> file.endsWith(".parquet"))
                .anyMatch(file -> file.endsWith("/withdrawn.json"));
    }

    /// The request moves to another worker at the same time: that one answers it.
    @Test
    void leavesARequestThatMovesToTheOtherWorker() {
        var taken = taken();
        attempting = task -> {
            taken.cancellation().cancel();
            return untilCancelled(task);
        };
        try {
            answer(answering(attempting), taken);
            throw new AssertionError("it was answered");
        } catch (CancellationException e) {
            assertThat(sink.results).isEmpty();
        }
    }

    private static Completed untilCancelled(Retrieval.Task task) {
        task.cancellation().pause(Duration.ofMinutes(1));
        throw new AssertionError("not cancelled");
    }

    @Test
    void twoCancelsAndTwoWorkersGiveOneAnswer() throws Exception {
        CountDownLatch running = new CountDownLatch(2);
        Answering.Attempting slow = task -> {
            running.countDown();
            return untilCancelled(task);
        };
        List<Future<?>> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 2; i++) {
                workers.add(threads.submit(() -> answer(answering(slow), taken())));
            }
            running.await();
            for (int i = 0; i < 2; i++) {
                workers.add(threads.submit(this::cancel));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }

        assertThat(sink.results).hasSize(4).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getCode()).isEqualTo(Code.CANCELLED.name());
    }

    @Test
    void survivesAnOutageAndALostResponse() {
        storage.failNextCalls(3);
        storage.loseNextPutResponse();
        cancel();

        assertThat(sink.only().getCode()).isEqualTo(Code.CANCELLED.name());
    }

    @Test
    void answersARunUnderItsStandingRetrieval() {
        command = new Decoded.Value<>(RetrievalCommand.newBuilder(CANCEL)
                .setRequestId("daily.v2.r7.0123456789abcdef")
                .build());
        cancel();

        assertThat(sink.only().getStandingId()).isEqualTo("daily.v2");
    }

    @Test
    void parksACommandWhoseOutcomeCannotBeRead() {
        storage.putIfAbsent(ROOT + "/request-1/_manifest.json", "{".getBytes(StandardCharsets.UTF_8));

        assertThat(cancel()).isEqualTo(new Turn.Parked(Turn.Cause.UNREADABLE));
        assertThat(sink.results).isEmpty();
    }

    @Test
    void aCommandThatCannotBeHandledIsADeadLetter() {
        command = new Decoded.Undecodable<>(UndecodableCode.MALFORMED, "says the test");
        cancel();
        command = new Decoded.Value<>(
                RetrievalCommand.newBuilder(CANCEL).setRequestId("../up").build());
        cancel();
        command = new Decoded.Value<>(RetrievalCommand.newBuilder(CANCEL)
                .setAction(RetrievalAction.UNKNOWN)
                .build());
        cancel();

        assertThat(sink.deadLetters).containsExactly(Code.MALFORMED, Code.INVALID_REQUEST_ID, Code.UNKNOWN_ACTION);
        assertThat(sink.results).isEmpty();
        assertThat(storage.files).isEmpty();
    }
}
