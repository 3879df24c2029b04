package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.retrieval.job.TableFiles;
import dev.firn.retrieval.job.TableText;
import dev.firn.schemas.Code;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cancellations and deadlines with two workers. Commands and requests are shared out apart, so whoever decides a
/// cancellation is often not the one that runs the job.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CancelIT {
    private static final Logger log = LoggerFactory.getLogger(CancelIT.class);
    private static final int SPINE_ROWS = 200_000;
    private static final int CANCELLED_JOBS = 8;

    private WorkerStack stack;
    private WorkerRuntime first;
    private WorkerRuntime second;

    /// Once: each test has ids of its own.
    @BeforeAll
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int");
        stack.lake.append(facts, "1 | 2024-01-01 | 10");
        stack.register(stack.lake.view(facts, List.of("id"), List.of("value")).build());
        Table spine = stack.lake.table("spine", "id long, event_timestamp timestamptz");
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < SPINE_ROWS; i++) {
            rows.add(TableText.record(spine.schema(), i + " | 2024-02-01"));
        }
        spine.newAppend().appendFile(TableFiles.write(spine, rows)).commit();
        // one row per file: a job takes far longer than the test
        first = stack.worker("firn.results.rows-per-file", "1");
        second = stack.worker("firn.results.rows-per-file", "1");
    }

    @AfterAll
    void stop() {
        first.close();
        second.close();
        stack.close();
    }

    @Test
    void aJobThatRunsIsAnsweredAtOnceAndStops() {
        List<Long> answered = new ArrayList<>();
        List<Long> stopped = new ArrayList<>();
        for (int i = 0; i < CANCELLED_JOBS; i++) {
            String id = "job-" + i;
            try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
                send(endless(id).build());
                waitForFiles(id);
                long start = System.nanoTime();
                cancel(id);
                RetrievalResult result = results.result(id);
                answered.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
                waitForWithdrawal(id);
                stopped.add(Duration.ofNanos(System.nanoTime() - start).toMillis());

                assertThat(result.getCode()).isEqualTo(Code.CANCELLED.name());
                assertThat(result.getRequestDigest()).isEmpty();
                Waiting.until(
                        WorkerStack.LIMIT,
                        () -> {
                            results.poll(Duration.ofMillis(50));
                            return results.results(id).size() == 2;
                        },
                        "the answer of the worker that ran it");
                assertThat(results.results(id)).containsOnly(result);
            }
        }
        Collections.sort(answered);
        Collections.sort(stopped);
        log.atInfo()
                .addKeyValue("answeredMedianMillis", answered.get(CANCELLED_JOBS / 2))
                .addKeyValue("answeredWorstMillis", answered.getLast())
                .addKeyValue("stoppedMedianMillis", stopped.get(CANCELLED_JOBS / 2))
                .addKeyValue("stoppedWorstMillis", stopped.getLast())
                .log("Cancelled running jobs");
    }

    @Test
    void anIdThatWasNeverUsedIsCancelledForWhateverComes() {
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            cancel("early");
            RetrievalResult result = results.result("early");
            assertThat(result.getCode()).isEqualTo(Code.CANCELLED.name());

            assertThat(stack.ask(request("early", ids("id", "1"), "facts:value").build()))
                    .isEqualTo(result);
            assertThat(stack.ask(request("early", ids("id", "2"), "facts:value").build()))
                    .isEqualTo(result);
        }
    }

    @Test
    void anAnswerThatStandsIsTheAnswerToTheCancellation() {
        RetrievalResult succeeded =
                stack.ask(request("done", ids("id", "1"), "facts:value").build());
        assertThat(succeeded.getStatus()).as(succeeded.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            cancel("done");
            cancel("done");

            assertThat(results.result("done")).isEqualTo(succeeded);
        }
    }

    @Test
    void aJobStopsAtItsDeadline() {
        // a busy machine may reach a deadline before the job has written anything; then the next one is later
        int seconds = 4;
        boolean ran = false;
        while (!ran) {
            seconds *= 2;
            assertThat(seconds).as("seconds until the deadline").isLessThan(100);
            ran = stopsAtItsDeadline("late-" + seconds, Duration.ofSeconds(seconds));
        }
        RetrievalResult over = stack.ask(request("over", ids("id", "1"), "facts:value")
                .setDeadline(Instant.now().minusSeconds(1))
                .build());
        assertThat(over.getCode()).isEqualTo(Code.DEADLINE_EXCEEDED.name());
        assertThat(over.getAttempt()).isZero();
    }

    /// Whether the job had begun to write its result.
    private boolean stopsAtItsDeadline(String id, Duration time) {
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            Instant deadline = Instant.now().plus(time);
            send(endless(id).setDeadline(deadline).build());
            Waiting.until(
                    WorkerStack.LIMIT,
                    () -> {
                        results.poll(Duration.ofMillis(50));
                        return !results.results(id).isEmpty() || exists(id, ".parquet");
                    },
                    "a file or the result");
            boolean ran = results.results(id).isEmpty();
            RetrievalResult result = results.result(id);
            assertThat(result.getCode()).isEqualTo(Code.DEADLINE_EXCEEDED.name());
            assertThat(result.getCompletedAt()).isAfterOrEqualTo(deadline);
            assertThat(result.getRequestDigest()).isNotEmpty();
            if (ran) {
                waitForWithdrawal(id);
            }
            return ran;
        }
    }

    private RetrievalRequest.Builder endless(String id) {
        Spine spine = Spine.newBuilder()
                .setKind(SpineKind.TABLE)
                .setTable("iceberg." + stack.namespace + ".spine")
                .build();
        return request(id, spine, "facts:value");
    }

    private void send(RetrievalRequest request) {
        stack.send(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request);
    }

    private void cancel(String id) {
        stack.send(
                Topic.RETRIEVAL_COMMANDS,
                id,
                RetrievalCommand.newBuilder()
                        .setRequestId(id)
                        .setAction(RetrievalAction.CANCEL)
                        .build());
    }

    private void waitForFiles(String id) {
        waitFor(id, ".parquet");
    }

    /// The worker notes that it gave the attempt up.
    private void waitForWithdrawal(String id) {
        waitFor(id, "/withdrawn.json");
    }

    private void waitFor(String id, String ending) {
        Waiting.until(WorkerStack.LIMIT, () -> exists(id, ending), "a file of " + id + " that ends in " + ending);
    }

    private boolean exists(String id, String ending) {
        String folder = "s3://lake/results/%s/%s".formatted(stack.namespace, id);
        return stack.lake.catalogs().storage().list(folder).stream()
                .anyMatch(file -> file.location().endsWith(ending));
    }
}
