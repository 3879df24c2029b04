package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Results as Iceberg tables, from the request to what Trino reads, over the real parts.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TargetIT {
    private final Trino trino = TestStack.shared().trino();
    private WorkerStack stack;
    private WorkerRuntime worker;
    private Table facts;

    @BeforeAll
    void start() {
        stack = new WorkerStack();
        facts = stack.lake.table(
                "facts", "id long, event timestamptz, value int, name string, price decimal(9,2), seen timestamptz");
        stack.lake.append(
                facts, "1 | 2024-01-01 | 10 | ann | 1.50 | 2024-01-01", "2 | 2024-01-01 | 20 | bob | null | null");
        stack.register(stack.lake
                .view(facts, List.of("id"), List.of("value", "name", "price", "seen"))
                .build());
        worker = stack.worker("firn.access.target-schemas", "iceberg." + stack.namespace.name());
    }

    @AfterAll
    void stop() {
        if (worker != null) {
            worker.close();
        }
        stack.close();
    }

    @Test
    void trinoReadsTheResultOfARetrieval() {
        RetrievalResult result = stack.ask(request("single", ids("id", "1", "2", "9"), "facts:*")
                .setTarget(name("single"))
                .build());

        TargetOutcome target = Objects.requireNonNull(result.getTarget(), result.getMessage());
        assertThat(target.getStatus()).as(target.getMessage()).isEqualTo(TargetStatus.COMMITTED);
        assertThat(trino.query(
                        "SELECT id, value, name, CAST(price AS varchar) FROM %s ORDER BY id".formatted(name("single"))))
                .extracting(List::toString)
                .containsExactly("[1, 10, ann, 1.50]", "[2, 20, bob, null]", "[9, null, null, null]");
        assertThat(trino.query("SELECT id FROM %s WHERE value > 15".formatted(name("single"))))
                .as("the bounds in the metadata are those of the columns")
                .containsExactly(List.of(2L));
        assertThat(trino.query(
                        "SELECT snapshot_id, summary['firn.request-id'], summary['firn.content-digest'] FROM \"iceberg\".\"%s\".\"single$snapshots\""
                                .formatted(stack.namespace.name())))
                .containsExactly(List.of(target.getSnapshotId(), "single", result.getContentDigest()));
        assertThat(result.getLocation()).startsWith("s3://lake/results/");
    }

    @Test
    void eachRunOfAStandingRetrievalReplacesTheTable() {
        assertThat(outcome(run(1, "1", "2")).getStatus()).isEqualTo(TargetStatus.COMMITTED);
        assertThat(outcome(run(3, "2")).getStatus()).isEqualTo(TargetStatus.COMMITTED);
        TargetOutcome late = outcome(run(2, "1"));
        assertThat(late.getStatus()).as(late.getMessage()).isEqualTo(TargetStatus.SUPERSEDED);

        assertThat(trino.query("SELECT id, name FROM " + name("daily"))).containsExactly(List.of(2L, "bob"));
        // people maintain it as any other table
        trino.execute("ALTER TABLE %s EXECUTE optimize".formatted(name("daily")));
        assertThat(outcome(run(4, "1", "9")).getStatus()).isEqualTo(TargetStatus.COMMITTED);
        assertThat(trino.query("SELECT id, name FROM %s ORDER BY id".formatted(name("daily"))))
                .extracting(List::toString)
                .containsExactly("[1, ann]", "[9, null]");
    }

    @Test
    void aTableOfSomebodyElseIsRefusedBeforeAnythingRuns() {
        trino.execute("CREATE TABLE %s (id bigint)".formatted(name("theirs")));
        RetrievalResult refused = stack.ask(request("refused", ids("id", "1"), "facts:value")
                .setTarget(name("theirs"))
                .build());
        assertThat(refused.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(refused.getCode()).isEqualTo(Code.TARGET_NOT_OWNED.name());
        assertThat(trino.query("SELECT count(*) FROM " + name("theirs"))).containsExactly(List.of(0L));
    }

    @Test
    void aRequestThatIsDeliveredAgainIsAnnouncedAgain() {
        RetrievalRequest request = request("twice", ids("id", "1"), "facts:value")
                .setTarget(name("twice"))
                .build();
        RetrievalResult first = stack.ask(request);
        assertThat(stack.ask(request)).isEqualTo(first);
        assertThat(trino.query("SELECT count(*) FROM \"iceberg\".\"%s\".\"twice$snapshots\""
                        .formatted(stack.namespace.name())))
                .containsExactly(List.of(1L));
    }

    private String name(String table) {
        return "iceberg.%s.%s".formatted(stack.namespace.name(), table);
    }

    private static TargetOutcome outcome(RetrievalResult result) {
        return Objects.requireNonNull(result.getTarget(), result.getMessage());
    }

    private RetrievalResult run(int number, String... ids) {
        RetrievalRequest run = request(
                        "daily.r%d.0123456789abcdef".formatted(number), ids("id", ids), "facts:value", "facts:name")
                .setStandingId("daily")
                .setTarget(name("daily"))
                .build();
        try (WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            stack.send(Topic.RETRIEVAL_RUNS, "daily", run);
            return results.result(run.getRequestId());
        }
    }
}
