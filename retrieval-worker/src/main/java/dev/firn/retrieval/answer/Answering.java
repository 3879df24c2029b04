package dev.firn.retrieval.answer;

import dev.firn.engine.BudgetExceededException;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Code;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.Manifest;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.outcome.ResultStore.Attempt;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes one request to its one answer: decodes it, looks for an outcome that is already there, claims an
/// attempt, runs it, decides the outcome, announces the one that stands. Returns when the answer is out, and
/// only then; ends by [CancellationException] when the request was given up.
///
/// - The user's mistakes are answered `FAILED`; that is an outcome like any other.
/// - A neighbour's faults (catalog, store, registry, broker) are tried again within the attempt, with growing
///   pauses, until [Settings#outageLimit] ends it.
/// - Anything else, a bug or a full heap, ends the attempt.
///
/// After the last attempt the answer is `ATTEMPTS_EXHAUSTED`. While the store is away nothing can be decided,
/// so nothing is: the request waits. Thread-safe.
public final class Answering {
    private static final Logger log = LoggerFactory.getLogger(Answering.class);

    private final EventDecoder<RetrievalRequest> decoder;
    private final Fingerprint fingerprint;
    private final ViewSource views;
    private final Attempting attempting;
    private final ResultStore results;
    private final PinsLocation pinsLocation;
    private final Patience patience;
    private final Sending sending;
    private final ProgressSource progress;
    private final Settings settings;
    private final Clock clock;
    /// Ids at work here: the same request sent again waits for its outcome instead of running beside itself.
    private final Set<String> idsInProgress = ConcurrentHashMap.newKeySet();

    /// @param outageLimit how long one attempt may wait for neighbours
    public record Settings(
            int maxAttempts, Duration backoff, Duration backoffMax, Duration outageLimit, String worker) {}

    /// The digest of a request: equal for equal requests.
    public interface Fingerprint {
        String of(RetrievalRequest request);
    }

    /// The registered views.
    public interface ViewSource {
        /// The views as they stand at least at the time of the call: whatever was registered before it is
        /// there.
        ///
        /// @throws TransientFault when the registry did not catch up in time
        Views current(Cancellation cancellation);
    }

    /// Runs one attempt: [Retrieval#run].
    public interface Attempting {
        Completed run(Retrieval.Task task);
    }

    /// Reads the pins of an earlier result's manifest.
    interface PinsLocation {
        Pins read(String manifestLocation);
    }

    /// Makes listeners of progress.
    interface ProgressSource {
        Progress of(String requestId, int attempt);
    }

    public Answering(
            EventDecoder<RetrievalRequest> decoder,
            Fingerprint fingerprint,
            ViewSource views,
            Attempting attempting,
            ResultStore results,
            PinsLocation pinsLocation,
            AnswerSink sink,
            ProgressSource progress,
            Settings settings,
            Clock clock) {
        this.decoder = decoder;
        this.fingerprint = fingerprint;
        this.views = views;
        this.attempting = attempting;
        this.results = results;
        this.pinsLocation = pinsLocation;
        this.patience = new Patience(settings.backoff(), settings.backoffMax());
        this.sending = new Sending(sink, patience);
        this.progress = progress;
        this.settings = settings;
        this.clock = clock;
    }

    /// @throws CancellationException when the request was given up
    public void answer(TakenRequest taken) {
        Backoff backoff = patience.backoff();
        while (true) {
            try {
                answerOnce(taken);
                return;
            } catch (CancellationException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                // a manifest that cannot be read, a store that denies: somebody has to look, and until then it waits
                log.atError()
                        .setCause(e)
                        .addKeyValue("record", taken.coordinates())
                        .log("A request cannot be answered; trying again");
                taken.cancellation().pause(backoff.next());
            }
        }
    }

    private void answerOnce(TakenRequest taken) {
        byte[] bytes = taken.record().value();
        Decoded<RetrievalRequest> decoded = bytes == null
                ? new Decoded.Undecodable<>(UndecodableCode.NO_VALUE, "no value")
                : patience.until(taken, "decode", () -> decoder.decode(bytes));
        switch (decoded) {
            case Decoded.Undecodable<RetrievalRequest>(UndecodableCode code, String reason) ->
                refuseBytes(taken, code, reason);
            case Decoded.Value<RetrievalRequest>(RetrievalRequest request) -> {
                Optional<String> digest = digest(taken, request);
                if (digest.isPresent()) {
                    sending.announce(taken, new OneRequest(taken, request, digest.get()).outcome());
                } else {
                    refuseBytes(taken, UndecodableCode.MALFORMED, "it has no digest");
                }
            }
        }
    }

    /// Empty where none can be made: nothing about the request would change at another try.
    private Optional<String> digest(TakenRequest taken, RetrievalRequest request) {
        try {
            return Optional.of(fingerprint.of(request));
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("record", taken.coordinates()).log("A request cannot be digested");
            return Optional.empty();
        }
    }

    private void refuseBytes(TakenRequest taken, UndecodableCode code, String reason) {
        sending.deadLetter(taken, code.name(), reason);
        taken.keyText().filter(Ids::isRequestId).ifPresent(key -> {
            RetrievalResult failed = Outcomes.failed(
                            key,
                            "",
                            Code.UNDECODABLE_REQUEST.name(),
                            "[%s] is no retrieval request: %s, %s.".formatted(taken.coordinates(), code, reason),
                            clock.instant())
                    .build();
            sending.announce(taken, failed);
        });
    }

    private final class OneRequest {
        private final TakenRequest taken;
        private final RetrievalRequest request;
        private final String digest;

        OneRequest(TakenRequest taken, RetrievalRequest request, String digest) {
            this.taken = taken;
            this.request = request;
            this.digest = digest;
        }

        RetrievalResult outcome() {
            String id = request.getRequestId();
            String standingId = request.getStandingId();
            if (!Ids.isRequestId(id)) {
                return unnamed("request");
            }
            if (standingId != null && !Ids.isStandingId(standingId)) {
                return unnamed("standing");
            }
            Backoff backoff = patience.backoff();
            while (!idsInProgress.add(id)) {
                taken.cancellation().pause(backoff.next());
            }
            try {
                return outcome(id);
            } finally {
                idsInProgress.remove(id);
            }
        }

        /// Ids become keys and folders: what is none is answered in as much of it as an id may have.
        private RetrievalResult unnamed(String which) {
            String id = request.getRequestId();
            return Outcomes.failed(
                            id.substring(0, Math.min(id.length(), Limits.ID_LENGTH)),
                            digest,
                            Code.INVALID_REQUEST_ID.name(),
                            "The %s id does not match [A-Za-z0-9][A-Za-z0-9._-]{0,126}.".formatted(which),
                            clock.instant())
                    .build();
        }

        private RetrievalResult outcome(String id) {
            String lastFault = "";
            while (true) {
                Optional<Manifest> there = patience.until(taken, "look for an outcome", () -> results.find(id));
                if (there.isPresent()) {
                    return standing(there.get());
                }
                Optional<Attempt> claimed = patience.until(
                        taken, "claim an attempt", () -> results.claim(id, digest, settings.maxAttempts()));
                if (claimed.isEmpty()) {
                    return standing(decided(exhausted(lastFault)));
                }
                try {
                    return attempt(claimed.get());
                } catch (AttemptFailed failed) {
                    lastFault = failed.fault;
                    taken.cancellation().pause(settings.backoff());
                }
            }
        }

        private RetrievalResult attempt(Attempt attempt) {
            Manifest mine;
            try {
                mine = tried(attempt);
                // given up after its last row was written: its files go, and it does not count
                taken.cancellation().check();
            } catch (CancellationException e) {
                quietly(attempt, () -> results.withdraw(attempt));
                throw e;
            } catch (AttemptFailed e) {
                quietly(attempt, () -> results.clear(attempt));
                throw e;
            }
            Manifest stands = decided(mine);
            if (!attempt.folder().equals(stands.result().getLocation())) {
                quietly(attempt, () -> results.clear(attempt));
            }
            return standing(stands);
        }

        /// Runs the attempt, again and again while neighbours are away.
        private Manifest tried(Attempt attempt) {
            Backoff backoff = patience.backoff();
            long deadline = System.nanoTime() + settings.outageLimit().toNanos();
            while (true) {
                try {
                    return run(attempt);
                } catch (RetrievalRejected rejected) {
                    return manifest(Outcomes.rejected(request, digest, rejected, clock.instant()), attempt, null);
                } catch (TransientFault | LakeOutage | BudgetExceededException e) {
                    log.atWarn()
                            .addKeyValue("requestId", request.getRequestId())
                            .addKeyValue("attempt", attempt.number())
                            .addKeyValue("fault", e.getMessage())
                            .log("A neighbour does not answer; trying again");
                    if (System.nanoTime() >= deadline) {
                        throw new AttemptFailed(String.valueOf(e.getMessage()));
                    }
                    taken.cancellation().pause(backoff.next());
                    quietly(attempt, () -> results.clear(attempt));
                } catch (CancellationException e) {
                    throw e;
                } catch (RuntimeException | Error e) {
                    log.atError()
                            .setCause(e)
                            .addKeyValue("requestId", request.getRequestId())
                            .addKeyValue("attempt", attempt.number())
                            .log("An attempt failed");
                    throw new AttemptFailed(e.getClass().getSimpleName() + ": " + e.getMessage());
                }
            }
        }

        private Manifest run(Attempt attempt) {
            log.atInfo()
                    .addKeyValue("requestId", request.getRequestId())
                    .addKeyValue("attempt", attempt.number())
                    .addKeyValue("record", taken.coordinates())
                    .log("Retrieval started");
            Views now = views.current(taken.cancellation());
            Completed completed = attempting.run(new Retrieval.Task(
                    request,
                    taken.time(),
                    now,
                    pinsOfManifest(),
                    attempt.folder(),
                    taken.cancellation(),
                    progress.of(request.getRequestId(), attempt.number())));
            return manifest(Outcomes.succeeded(request, digest, completed, clock.instant()), attempt, completed.pins());
        }

        private @Nullable Pins pinsOfManifest() {
            String location = request.getPinsLocation();
            if (location == null) {
                return null;
            }
            try {
                return pinsLocation.read(location);
            } catch (LakeRejection rejection) {
                throw new RetrievalRejected(List.of(Outcomes.violation(rejection, "pins_location")));
            } catch (IllegalArgumentException e) {
                throw new RetrievalRejected(Code.PINS_INVALID, "pins_location", String.valueOf(e.getMessage()));
            }
        }

        private Manifest manifest(RetrievalResult.Builder result, Attempt attempt, @Nullable Pins pins) {
            result.setAttempt(attempt.number()).setManifestLocation(results.manifestLocation(request.getRequestId()));
            return new Manifest(result.build(), pins, settings.worker());
        }

        private Manifest exhausted(String lastFault) {
            RetrievalResult.Builder result = Outcomes.failed(
                            request.getRequestId(),
                            digest,
                            Code.ATTEMPTS_EXHAUSTED.name(),
                            "The request had its %d attempts%s; a new try is a new id."
                                    .formatted(
                                            settings.maxAttempts(),
                                            lastFault.isEmpty() ? "" : ", the last of which ended: " + lastFault),
                            clock.instant())
                    .setStandingId(request.getStandingId())
                    .setAttempt(settings.maxAttempts())
                    .setManifestLocation(results.manifestLocation(request.getRequestId()));
            return new Manifest(result.build(), null, settings.worker());
        }

        private Manifest decided(Manifest mine) {
            return patience.until(taken, "decide the outcome", () -> results.decide(mine));
        }

        /// What stands answers this request, unless it is another request's by the same id.
        private RetrievalResult standing(Manifest manifest) {
            RetrievalResult stands = manifest.result();
            if (stands.getRequestDigest().equals(digest)) {
                return stands;
            }
            return Outcomes.failed(
                            request.getRequestId(),
                            digest,
                            Code.REQUEST_ID_REUSED.name(),
                            "Id '%s' was answered at %s for another request; a new request needs a new id."
                                    .formatted(request.getRequestId(), stands.getCompletedAt()),
                            clock.instant())
                    .setStandingId(request.getStandingId())
                    .build();
        }

        /// Leftovers cost money, not correctness: nobody finds them through a manifest. Files are deleted only
        /// before it was tried to make them the outcome, or once another outcome is seen to stand: a PUT whose
        /// answer was lost may have won.
        private void quietly(Attempt attempt, Runnable cleaning) {
            try {
                cleaning.run();
            } catch (RuntimeException e) {
                log.atWarn()
                        .addKeyValue("folder", attempt.folder())
                        .addKeyValue("fault", e.getMessage())
                        .log("An attempt's files could not be deleted");
            }
        }
    }

    /// The attempt is over without an outcome.
    private static final class AttemptFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String fault;

        AttemptFailed(String fault) {
            super(fault);
            this.fault = fault;
        }
    }
}
