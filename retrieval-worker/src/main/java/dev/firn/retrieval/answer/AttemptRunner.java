package dev.firn.retrieval.answer;

import dev.firn.engine.BudgetExceededException;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.retrieval.answer.Answering.Attempting;
import dev.firn.retrieval.answer.Answering.PinsLocation;
import dev.firn.retrieval.answer.Answering.ProgressSource;
import dev.firn.retrieval.answer.Answering.ViewSource;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.schemas.Code;
import dev.firn.service.Backoff;
import dev.firn.service.result.RunState;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one attempt: try after try, each in a new folder, while a catalog, the store, the registry or memory is not
/// available. Thread-safe.
final class AttemptRunner {
    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);

    private final ViewSource views;
    private final Attempting attempting;
    private final PinsLocation pinsLocation;
    private final ProgressSource progress;
    private final Answering.Settings settings;
    private final Clock clock;

    /// @param pins null if the request was rejected
    /// @param state null unless a run of a standing retrieval left one
    /// @param madeFrom UUIDs of the target tables that the rows come from; only of a run with a target
    record Finished(
            RetrievalResult.Builder result,
            @Nullable Pins pins,
            @Nullable RunState state,
            Set<String> madeFrom) {
        Finished(RetrievalResult.Builder result, @Nullable Pins pins) {
            this(result, pins, null, Set.of());
        }
    }

    AttemptRunner(
            ViewSource views,
            Attempting attempting,
            PinsLocation pinsLocation,
            ProgressSource progress,
            Answering.Settings settings,
            Clock clock) {
        this.views = views;
        this.attempting = attempting;
        this.pinsLocation = pinsLocation;
        this.progress = progress;
        this.settings = settings;
        this.clock = clock;
    }

    /// Runs until the retrieval succeeds, is rejected, or meets a fault that nothing here expects. That is a defect of
    /// Firn, which another attempt would meet again.
    ///
    /// @throws AttemptFailed after an outage longer than [Answering.Settings#outageLimit]
    /// @throws OutOfMemoryError if memory ran out: the process ends, and the attempt with it
    /// @throws UndecodedView if the request should wait until a view can be decoded
    /// @param cancellation of the attempt
    /// @throws CancellationException once the attempt is cancelled
    Finished run(DecodedRequest request, Tries tries, Cancellation cancellation) {
        Backoff.Pauses pauses = settings.patience().pauses();
        OutageWindow outage = new OutageWindow(settings.outageLimit(), settings.maxTries(), System::nanoTime);
        while (true) {
            try {
                return runOnce(request, tries, outage, cancellation);
            } catch (RetrievalRejected rejected) {
                return new Finished(
                        Outcomes.rejected(request.request(), request.digest(), rejected, clock.instant()), null);
            } catch (TransientFault | LakeOutage | BudgetExceededException e) {
                log.atWarn()
                        .addKeyValue("requestId", request.id())
                        .addKeyValue("attempt", tries.attempt().number())
                        .addKeyValue("fault", e.getMessage())
                        .log("The attempt needs something that is unavailable; trying again");
                if (outage.hasProgressed()) {
                    pauses.reset();
                }
                if (!outage.allowsAnotherTry()) {
                    throw new AttemptFailed(String.valueOf(e.getMessage()));
                }
                cancellation.pause(pauses.next());
            } catch (CancellationException e) {
                throw e;
            } catch (UndecodedView e) {
                Duration since = request.taken().parkedFor(Turn.Cause.UNDECODED_VIEW);
                if (since.compareTo(settings.unreadableLimit()) < 0) {
                    throw e;
                }
                throw new AttemptFailed(String.valueOf(e.getMessage()));
            } catch (RuntimeException | Error e) {
                OutOfMemory.rethrow(e);
                log.atError()
                        .setCause(e)
                        .addKeyValue("requestId", request.id())
                        .addKeyValue("attempt", tries.attempt().number())
                        .log("An attempt failed");
                return new Finished(
                        Outcomes.failed(
                                        request.id(),
                                        request.digest(),
                                        Code.INTERNAL,
                                        "Firn hit an unexpected fault: %s. Worker '%s' logged it under this request's id."
                                                .formatted(Reason.of(e), settings.worker()),
                                        clock.instant())
                                .setStandingId(request.request().getStandingId()),
                        null);
            }
        }
    }

    private Finished runOnce(DecodedRequest request, Tries tries, OutageWindow outage, Cancellation cancellation) {
        log.atInfo()
                .addKeyValue("requestId", request.id())
                .addKeyValue("attempt", tries.attempt().number())
                .addKeyValue("record", request.taken().coordinates())
                .log("Retrieval started");
        Views current = views.current(cancellation);
        Completed completed = attempting.run(new Retrieval.Task(
                request.request(),
                request.taken().time(),
                current,
                pinsOfManifest(request.request().getPinsLocation()),
                tries.next(),
                cancellation,
                outage.watching(progress.of(
                        request.id(), tries.attempt().number(), request.taken().principal()))));
        return new Finished(
                Outcomes.succeeded(request.request(), request.digest(), completed, clock.instant()),
                completed.pins(),
                completed.state(),
                completed.madeFrom());
    }

    private @Nullable Pins pinsOfManifest(@Nullable String location) {
        if (location == null) {
            return null;
        }
        try {
            return pinsLocation.read(location);
        } catch (LakeRejection rejection) {
            throw RetrievalRejected.of(rejection, "pins_location");
        } catch (IllegalArgumentException e) {
            throw new RetrievalRejected(Code.PINS_INVALID, "pins_location", String.valueOf(e.getMessage()));
        }
    }
}
