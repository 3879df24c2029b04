package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Topic;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Workers join and leave while requests are in progress.
final class RebalanceIT {
    private static final int REQUESTS = 40;

    private WorkerStack stack;

    @BeforeEach
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int");
        stack.lake.append(facts, "1 | 2024-01-01 | 10");
        stack.register(stack.lake.view(facts, List.of("id"), List.of("value")).build());
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void everyRequestIsAnsweredAlikeWhileWorkersJoinAndLeave() {
        List<String> requestIds =
                IntStream.range(0, REQUESTS).mapToObj(i -> "request-" + i).toList();
        WorkerRuntime first = stack.worker();
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            requestIds.forEach(id -> stack.send(
                    Topic.RETRIEVAL_REQUESTS,
                    id,
                    request(id, ids("id", "1"), "facts:value").build()));
            results.result("request-0");
            try (WorkerRuntime second = stack.worker()) {
                assertThat(second.httpPort()).isNotEqualTo(first.httpPort());
                results.result("request-" + REQUESTS / 2);
                first.close();
                requestIds.forEach(results::result);
            }
            results.poll(Duration.ofSeconds(1));
            for (String id : requestIds) {
                List<RetrievalResult> answers = results.results(id);
                assertThat(answers).as(id).isNotEmpty().containsOnly(answers.getFirst());
                assertThat(answers.getFirst().getStatus())
                        .as(answers.getFirst().getMessage())
                        .isEqualTo(RetrievalStatus.SUCCEEDED);
            }
        } finally {
            first.close();
        }
    }
}
