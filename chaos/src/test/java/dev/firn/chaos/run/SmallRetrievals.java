package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Retrievals of a hundred rows that come with the request. Not thread-safe.
final class SmallRetrievals {
    static final int ROWS = 100;
    /// Later than all rows of all tables.
    static final Instant LATE = Instant.parse("2026-02-01T00:00:00Z");

    private final ChaosRun run;
    private final SplittableRandom random;

    SmallRetrievals(ChaosRun run) {
        this.run = run;
        this.random = run.random.split();
    }

    /// One of the view that every run has.
    RetrievalRequest.Builder next() {
        return next(ChaosRun.VIEW, 1, ChaosRun.ROWS, LATE);
    }

    /// Rows with random ones of `keys` keys from `first`, as of `time`.
    RetrievalRequest.Builder next(String view, long first, int keys, Instant time) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(List.of(Long.toString(first + random.nextInt(keys)), time.toString()));
        }
        return RetrievalRequest.newBuilder()
                .setRequestId(run.id("load"))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.ROWS)
                        .setColumns(List.of("id", "event_timestamp"))
                        .setRows(rows)
                        .build())
                .setFeatures(List.of(view + ":value"));
    }

    /// Sends the request. Returns its id.
    String ask(RetrievalRequest.Builder request) {
        run.conversation.ask(request.build());
        return request.getRequestId();
    }

    /// Sends the request and waits for its answer. Returns how long that took.
    long millis(RetrievalRequest.Builder request) {
        String id = ask(request);
        run.conversation.awaitAnswers(List.of(id));
        return run.conversation.latency(id).toMillis();
    }

    RetrievalResult result(RetrievalRequest.Builder request) {
        return run.conversation.retrieval(request.getRequestId()).orElseThrow();
    }

    long latency(RetrievalRequest.Builder request) {
        return run.conversation.latency(request.getRequestId()).toMillis();
    }

    void requireSucceeded(List<String> ids) {
        for (String id : ids) {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            assertThat(result.getStatus())
                    .as("%s %s", result.getCode(), result.getMessage())
                    .isEqualTo(RetrievalStatus.SUCCEEDED);
            assertThat(result.getRows()).isEqualTo(ROWS);
        }
        var history = run.conversation.history(ids);
        assertThat(history.lost()).isEmpty();
        assertThat(history.answeredDifferently()).isEmpty();
    }
}
