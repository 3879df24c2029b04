package dev.firn.retrieval.answer;

import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.outcome.AttemptHistory;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.outcome.ResultStore.Attempt;
import dev.firn.retrieval.outcome.UnreadableOutcome;
import dev.firn.schemas.Code;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.result.Manifest;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// Takes a request to the outcome that stands in the store: look, claim, attempt, decide. [Answering] draws the states.
/// Thread-safe.
final class Deciding {
    private final ResultStore results;
    private final AttemptRunner runner;
    private final AttemptWatch watch;
    private final Patience patience;
    private final Answering.Settings settings;
    private final Clock clock;

    Deciding(ResultStore results, AttemptRunner runner, Patience patience, Answering.Settings settings, Clock clock) {
        this.results = results;
        this.runner = runner;
        this.watch = new AttemptWatch(results, settings.outcomeCheckInterval(), clock);
        this.patience = patience;
        this.settings = settings;
        this.clock = clock;
    }

    /// What answers the request; empty if it must run alone, since an attempt may have killed its process, and `alone`
    /// is false.
    ///
    /// @throws CancellationException once the request is cancelled
    /// @throws UnreadableOutcome if it has an outcome that cannot be read
    /// @throws UndecodedView if it should wait until a view can be decoded
    Optional<Manifest> outcome(DecodedRequest request, boolean alone) {
        String lastFailure = "";
        boolean waited = false;
        while (true) {
            Optional<Manifest> existing =
                    patience.until(request.taken(), "look for an outcome", () -> results.find(request.id()));
            if (existing.isPresent()) {
                return Optional.of(answer(request, existing.get()));
            }
            AttemptHistory had =
                    patience.until(request.taken(), "list the attempts", () -> results.attempts(request.id()));
            if (watch.isLate(request)) {
                return Optional.of(answer(request, decide(request, late(request, had))));
            }
            if (had.counted() >= settings.maxAttempts()) {
                return Optional.of(answer(request, decide(request, exhausted(request, had, lastFailure))));
            }
            if (had.mustRunAlone() && !alone) {
                if (waited) {
                    return Optional.empty();
                }
                // another worker may be about to note that it gave the attempt up
                request.taken().cancellation().pause(settings.handoverTimeout());
                waited = true;
                continue;
            }
            try {
                Optional<Manifest> decided =
                        attempt(request, new Tries(results, results.next(request.id(), had, alone)));
                if (decided.isPresent()) {
                    return decided;
                }
            } catch (AttemptFailed failed) {
                lastFailure = failed.reason();
                request.taken().cancellation().pause(settings.backoff());
            }
        }
    }

    /// Empty if the attempt was stopped, because an outcome stands or the deadline is over: look again.
    ///
    /// Files are deleted only before this worker tries to decide, or when another outcome stands: a PUT of the
    /// manifest whose response was lost may have won.
    private Optional<Manifest> attempt(DecodedRequest request, Tries tries) {
        Manifest mine;
        try (AttemptWatch.Watched watched = watch.begin(request)) {
            claim(request, tries.attempt());
            Optional<AttemptRunner.Finished> finished = run(request, tries, watched);
            if (finished.isEmpty()) {
                return Optional.empty();
            }
            mine = manifest(request, finished.get(), tries.attempt().number());
        } catch (CancellationException | UndecodedView e) {
            tries.withdraw();
            throw e;
        } catch (AttemptFailed e) {
            tries.fail();
            throw e;
        }
        Manifest standing;
        try {
            standing = decide(request, mine);
        } catch (CancellationException e) {
            tries.withdrawUndecided();
            throw e;
        }
        if (!tries.folder().equals(standing.folder())) {
            tries.clear();
        }
        return Optional.of(answer(request, standing));
    }

    private Optional<AttemptRunner.Finished> run(DecodedRequest request, Tries tries, AttemptWatch.Watched watched) {
        try {
            AttemptRunner.Finished finished = runner.run(request, tries, watched.cancellation());
            // cancelled after its last row was written: it is still withdrawn
            watched.cancellation().check();
            return Optional.of(finished);
        } catch (CancellationException e) {
            if (!watched.isStopped() || request.taken().cancellation().isCancelled()) {
                throw e;
            }
            tries.withdraw();
            return Optional.empty();
        }
    }

    private void claim(DecodedRequest request, Attempt attempt) {
        patience.until(request.taken(), "claim an attempt", () -> {
            results.claim(attempt, request.digest(), request.taken().principal());
            return true;
        });
    }

    private Manifest exhausted(DecodedRequest request, AttemptHistory had, String lastFailure) {
        String last = lastFailure.isEmpty() && had.mustRunAlone() ? "the process of its worker died" : lastFailure;
        RetrievalResult.Builder result = Outcomes.failed(
                        request.id(),
                        request.digest(),
                        Code.ATTEMPTS_EXHAUSTED,
                        "All %d attempts failed%s. To try again, send the request under a new id."
                                .formatted(settings.maxAttempts(), last.isEmpty() ? "" : ", the last with: " + last),
                        clock.instant())
                .setStandingId(request.request().getStandingId());
        return manifest(request, new AttemptRunner.Finished(result, null), settings.maxAttempts());
    }

    private Manifest late(DecodedRequest request, AttemptHistory had) {
        RetrievalResult.Builder result = Outcomes.failed(
                        request.id(),
                        request.digest(),
                        Code.DEADLINE_EXCEEDED,
                        "There was no outcome at the deadline, %s."
                                .formatted(request.request().getDeadline()),
                        clock.instant())
                .setStandingId(request.request().getStandingId());
        return manifest(request, new AttemptRunner.Finished(result, null), had.lastNumber());
    }

    private Manifest manifest(DecodedRequest request, AttemptRunner.Finished finished, int attempt) {
        RetrievalResult.Builder result =
                finished.result().setAttempt(attempt).setManifestLocation(results.manifestLocation(request.id()));
        PreviousRun previous = request.request().getPreviousRun();
        return new Manifest(
                result.build(),
                request.request(),
                finished.pins(),
                settings.worker(),
                request.taken().principal(),
                finished.state(),
                finished.madeFrom(),
                previous == null ? null : previous.getRequestId());
    }

    /// Returns the outcome that stands, which may be another worker's.
    private Manifest decide(DecodedRequest request, Manifest mine) {
        return patience.until(request.taken(), "decide the outcome", () -> results.decide(mine));
    }

    /// The outcome that stands answers this request, unless it belongs to another request with the same id. A cancelled
    /// id answers every request.
    private Manifest answer(DecodedRequest request, Manifest manifest) {
        RetrievalResult standing = manifest.result();
        if (RequestDigest.isAnsweredBy(request.digest(), standing)) {
            return manifest;
        }
        RetrievalResult reused = Outcomes.failed(
                        request.id(),
                        request.digest(),
                        Code.REQUEST_ID_REUSED,
                        "Id '%s' was used for another request, which was answered at %s; use a new id for a new request."
                                .formatted(request.id(), standing.getCompletedAt()),
                        standing.getCompletedAt())
                .setStandingId(request.request().getStandingId())
                .build();
        return new Manifest(reused, null, null, settings.worker());
    }
}
