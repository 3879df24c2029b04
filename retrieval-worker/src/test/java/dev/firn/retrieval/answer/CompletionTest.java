package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RetrievalResult;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Given;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The commit to a target table belongs to announcing: after the decision, before the event.
@Timeout(30)
final class CompletionTest extends AnsweringFixture {
    private final AtomicInteger commits = new AtomicInteger();

    @Test
    void announcesWhatBecameOfTheCommit() {
        targets = (outcome, waited, step) -> {
            assertThat(results().find("request-1"))
                    .as("the outcome is decided first")
                    .isPresent();
            assertThat(sink.results).as("nothing is announced yet").isEmpty();
            return committed(outcome.result());
        };
        answer();
        assertThat(sink.only().getTarget()).isEqualTo(outcome());
        assertThat(manifest().result().getTarget()).isNull();
    }

    @Test
    void waitsOutsideTheSlotsWhileTheCatalogIsAway() {
        targets = (outcome, waited, step) ->
                commits.getAndIncrement() == 0 ? Optional.empty() : committed(outcome.result());
        Answering answering = answering(attempting);
        TakenRequest taken = taken();
        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.TARGET));
        assertThat(sink.results).isEmpty();

        assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Answered());
        assertThat(attempts).as("the rows are not computed again").isOne();
        assertThat(sink.only().getTarget()).isEqualTo(outcome());
    }

    @Test
    void waitsForTheStoreInItsTurn() {
        targets = (outcome, waited, step) -> {
            if (commits.getAndIncrement() < 2) {
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "the store is away, says the test", null);
            }
            return committed(outcome.result());
        };
        answer();
        assertThat(sink.only().getTarget()).isEqualTo(outcome());
    }

    /// The event is repeated; the commit says that it was made.
    @Test
    void completesAgainAfterABrokerThatWasAway() {
        targets = (outcome, waited, step) -> {
            commits.incrementAndGet();
            return committed(outcome.result());
        };
        answer();
        answer();
        assertThat(commits).hasValue(2);
        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
    }

    @Test
    void aCopyEndsWhenTheRequestMoves() {
        TakenRequest taken = taken();
        targets = (outcome, waited, step) -> {
            taken.cancellation().cancel();
            step.run();
            throw new AssertionError("the copy went on");
        };
        assertThatThrownBy(() -> answering(attempting).turn(taken, false)).isInstanceOf(CancellationException.class);
        assertThat(sink.results).isEmpty();
    }

    static Optional<RetrievalResult> committed(RetrievalResult result) {
        return Optional.of(
                RetrievalResult.newBuilder(result).setTarget(outcome()).build());
    }

    static TargetOutcome outcome() {
        return TargetOutcome.newBuilder()
                .setTable("iceberg.features.daily")
                .setStatus(TargetStatus.COMMITTED)
                .setSnapshotId(7L)
                .setDecidedAt(Given.NOW)
                .build();
    }
}
