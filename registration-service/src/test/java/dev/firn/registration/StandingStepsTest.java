package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What concerns thousands of standing retrievals at once goes out in steps of a bounded size. One transaction for all
/// of them would exceed Kafka's time limit, at each attempt anew.
final class StandingStepsTest {
    private static final List<String> IDS = List.of("a", "b", "c", "d", "e");
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final RegistryFixture registry = new RegistryFixture("firn.refresh.watchers-per-step", "2");

    @BeforeEach
    void register() {
        registry.chance.fixed = 0.0; // pauses without jitter
        registry.show(100, 100, CommitKind.UNKNOWN);
        registry.register("v1");
        registry.lookAll();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void tellsABoundedNumberPerStep() {
        createAll("customer_features");
        registry.runs().forEach(run -> registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED)));
        registry.commit(101, 101, CommitKind.APPEND);

        assertThat(issued()).containsExactly("a", "b");
        registry.tick();
        assertThat(issued()).containsExactly("c", "d");
        registry.tick();
        assertThat(issued()).containsExactly("e");
        registry.tick();
        assertThat(issued()).isEmpty();
    }

    @Test
    void viewsThatAreNotDoneShareAStep() {
        registry.register("v2", "other");
        registry.lookAll();
        createAll("customer_features");
        createAll("other");
        registry.runs().forEach(run -> registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED)));
        registry.commit(101, 101, CommitKind.APPEND);

        assertThat(issued()).hasSize(4); // each view begins with a step of its own
        registry.tick();
        assertThat(issued()).hasSize(2);
        registry.tick();
        assertThat(issued()).hasSize(2);
        registry.tick();
        assertThat(issued()).hasSize(2);
        registry.tick();
        assertThat(issued()).isEmpty();
    }

    @Test
    void runsThatFollowFailedOnesGoOutStepByStep() {
        createAll("customer_features");
        registry.runs().forEach(run -> registry.send(failed(run)));
        registry.pass(Duration.ofSeconds(10));

        assertStepByStep();
    }

    @Test
    void runsWithoutAnswerAreIssuedAgainStepByStep() {
        createAll("customer_features");
        registry.runs();
        registry.pass(Duration.ofHours(1));

        assertStepByStep();
    }

    /// Five each time would be 25 attempts for five spines, and 25 million for five thousand.
    @Test
    void offersOneSpineToAFullPool() {
        registry.spineWrites.limitTo(1);
        IDS.forEach(id -> registry.send(StandingRequest.newBuilder(Standings.withRows("create-" + id, 3))
                .setStandingId(id)
                .build()));
        assertThat(registry.spineWrites.refused()).isEqualTo(4);

        registry.tick();
        assertThat(registry.spineWrites.refused()).isEqualTo(5);
        for (int written = 0; written < IDS.size(); written++) {
            registry.spineWrites.runAll();
            registry.tick();
        }
        assertThat(issued()).containsExactlyInAnyOrderElementsOf(IDS);
    }

    private void assertStepByStep() {
        assertThat(issued()).hasSize(2);
        registry.tick();
        assertThat(issued()).isEmpty();
        registry.pass(PAUSE);
        assertThat(issued()).hasSize(2);
        registry.pass(PAUSE);
        assertThat(issued()).hasSize(1);
        registry.pass(PAUSE);
        assertThat(issued()).isEmpty();
    }

    private void createAll(String view) {
        for (String id : IDS) {
            registry.send(StandingRequest.newBuilder(Standings.create("create-" + id + "-" + view))
                    .setStandingId(view.equals("other") ? id + "-other" : id)
                    .setRetrieval(Standings.retrieval()
                            .setFeatures(List.of(view + ":total_orders"))
                            .build())
                    .build());
        }
    }

    private List<String> issued() {
        return registry.runs().stream().map(RetrievalRequest::getStandingId).toList();
    }

    private static RetrievalResult failed(RetrievalRequest run) {
        return RetrievalResult.newBuilder(Standings.result(run, RetrievalStatus.FAILED))
                .setCode(Code.SNAPSHOT_EXPIRED.name())
                .setFault(Code.SNAPSHOT_EXPIRED.fault())
                .build();
    }
}
