package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.ResultFiles;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// Answers one request with a store in memory, a sink that records, and attempts as the test scripts them.
abstract class AnsweringFixture {
    static final Clock CLOCK = Clock.fixed(Given.NOW, ZoneOffset.UTC);
    static final String ROOT = "s3://lake/results/firn";
    static final RetrievalRequest REQUEST =
            Given.request(Given.ids("id", "1"), "orders:total").build();

    final InMemoryStorage storage = new InMemoryStorage();
    /// Where results are decided; a test may replace it.
    Storage store = storage;

    final RecordingSink sink = new RecordingSink();
    /// Of the worker, not of the store.
    Clock clock = CLOCK;
    Decoded<RetrievalRequest> decoding = new Decoded.Value<>(REQUEST);
    Answering.Attempting attempting = this::succeed;
    Answering.PinsLocation pinsLocation = location -> {
        throw new AssertionError(location);
    };
    Answering.Targets targets = (outcome, waited, step) -> Optional.of(outcome.result());
    Duration outageLimit = Duration.ofSeconds(20);
    Duration unreadableLimit = Duration.ofHours(1);
    int maxTries = 20;

    @Nullable
    RuntimeException digestFault;

    int attempts;

    void answer() {
        answer(answering(attempting), taken());
    }

    /// Gives the request turns until it is answered, as a worker does.
    static void answer(Answering answering, TakenRequest taken) {
        boolean alone = false;
        while (true) {
            switch (answering.turn(taken, alone)) {
                case Turn.Answered() -> {
                    return;
                }
                case Turn.Alone() -> alone = true;
                case Turn.Parked(Turn.Cause cause) -> throw new AssertionError("parked for " + cause);
            }
        }
    }

    Manifest manifest() {
        return results().find("request-1").orElseThrow();
    }

    ResultStore results() {
        return new ResultStore(store, new ResultLayout(ROOT), "worker", CLOCK);
    }

    Answering answering(Answering.Attempting attempt) {
        return answering(bytes -> decoding, attempt);
    }

    Answering decodingBy(EventDecoder<RetrievalRequest> decoder) {
        return answering(decoder, attempting);
    }

    Answering answering(EventDecoder<RetrievalRequest> decoder, Answering.Attempting attempt) {
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
                pinsLocation,
                targets,
                sink,
                (id, number, principal) -> Progress.NONE,
                settings(),
                clock);
    }

    Answering.Settings settings() {
        return new Answering.Settings(
                5,
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                outageLimit,
                maxTries,
                Duration.ofMillis(1),
                unreadableLimit,
                Duration.ofMillis(5),
                "worker");
    }

    Completed succeed(Retrieval.Task task) {
        attempts++;
        return completed(task);
    }

    static Completed completed(Retrieval.Task task) {
        return new Completed(
                task.folder(),
                List.of(),
                List.of(new ResultFiles.File(task.folder() + "/part-00000000.parquet", 1, 100, "sum")),
                1,
                "digest",
                List.of(),
                List.of(),
                Pins.newBuilder().setAsOf(Given.NOW).setViews(List.of()).build(),
                Map.of("join", 5L));
    }

    static TakenRequest taken() {
        return taken(7);
    }

    static TakenRequest taken(long offset) {
        return new TakenRequest(
                new ConsumerRecord<>(
                        "retrieval-requests",
                        0,
                        offset,
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

    static final class RecordingSink implements AnswerSink {
        final List<RetrievalResult> results = new ArrayList<>();
        /// Their codes.
        final List<Code> deadLetters = new ArrayList<>();
        int failures;

        @Nullable
        RuntimeException refusal;

        RetrievalResult only() {
            assertThat(results).hasSize(1);
            return results.getFirst();
        }

        @Override
        public synchronized void announce(RetrievalResult result, TakenRequest request) {
            if (refusal != null) {
                throw refusal;
            }
            if (failures-- > 0) {
                throw new TransientFault("the broker is away, says the test");
            }
            results.add(result);
        }

        @Override
        public void deadLetter(TakenRequest request, Code code, String reason) {
            deadLetters.add(code);
        }
    }
}
