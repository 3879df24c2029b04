package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.answer.Answering.Targets;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.intake.Turn.Cause;
import dev.firn.service.result.Manifest;
import java.util.Optional;

/// Announces an outcome that stands, once it is known what became of its target table. Thread-safe.
record Completion(Targets targets, Patience patience, Sending sending) {
    /// @throws java.util.concurrent.CancellationException once the request is cancelled
    Turn announced(TakenRequest taken, Manifest outcome) {
        Optional<RetrievalResult> complete = patience.until(
                taken,
                "commit to the target table",
                () -> targets.complete(
                        outcome,
                        taken.parkedFor(Cause.TARGET),
                        () -> taken.cancellation().check()));
        if (complete.isEmpty()) {
            return new Turn.Parked(Cause.TARGET);
        }
        sending.announce(taken, complete.get());
        return new Turn.Answered();
    }
}
