package dev.firn.retrieval.answer;

import dev.firn.config.FirnConfig;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.result.Manifest;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a request to its answer, in one turn in a slot or several.
///
/// ```text
///   decode ── not a request ──► dead letter, and FAILED if the key is an id
///     │
///     │ a copy of it is in progress ──► parked
///     ▼
/// ┌► look for an outcome ── there is one ─────────────────────────────┐
/// │   │ none            └─ it cannot be read ──► parked; after        │
/// │   │                    [Settings#unreadableLimit] a dead letter   │
/// │   ▼                                                               │
/// │  the deadline is over: DEADLINE_EXCEEDED ────────────┐            │
/// │   │                                                  │            │
/// │  list the attempts ── none left: ATTEMPTS_EXHAUSTED ─┤            │
/// │   │            └── one died with its process ──► alone│            │
/// │   ▼                                                  │            │
/// │  claim an attempt                                    ▼            ▼
/// │  run it ── SUCCEEDED, or FAILED with ─────────────► decide ──────► announce
/// │   │     ▲  │     the user's mistakes, or INTERNAL
/// │   │     └──┘ outage: pause, run again in a new folder
/// │   │
/// │   │ stopped: an outcome stands, or the deadline is over
/// ├───┤
/// └───┘ an outage longer than [Settings#outageLimit]
/// ```
/// Before it announces a success, it commits the rows to the target table, if the request names one ([Completion]). If
/// its catalog is away, the request is parked.
///
/// *Invariants*
/// - What is announced is what the manifest in the store says, whoever wrote it. Deciding is a conditional PUT of the
///   manifest, so all workers announce the same outcome (`docs/decisions/0009-one-manifest-decides.md`).
/// - Each try of an attempt writes into a folder of its own, under a random token, and so do its claim and its
///   notes. No name is used twice, so what the store applies late reaches no result.
/// - Looking, claiming, deciding and announcing have no limit: while the store or the broker is not available nothing
///   can be decided, so the request waits. Only the attempt in between has one.
/// - A request that waits for anything else than an outage is parked and holds no slot ([Turn]). So is one whose
///   handling ends with an unexpected exception, until [Settings#unreadableLimit]; then it is a dead letter.
/// - Answers that are in no manifest (to bytes, invalid and reserved ids, reused ids) depend only on the record and
///   on what is stored, never on the clock, so that a redelivery is answered equally.
/// - What ends a *request* early is an outcome like any other: [Cancelling] decides CANCELLED, a deadline
///   DEADLINE_EXCEEDED. An attempt that runs then is stopped by [AttemptWatch], and withdrawn.
/// - [Cancellation] is about a *turn* whose request moves to another worker. It ends every state by a
///   [CancellationException]. The attempt is then withdrawn, so that it does not count, and nothing is announced.
///
/// ## Who does what
/// This class decodes, keeps equal ids apart and announces; [Deciding] goes from the look to the decision;
/// [AttemptRunner] runs an attempt and repeats it during outages; [AttemptWatch] stops it when it is not needed;
/// [Patience] repeats the other steps; [Completion] commits to a target table; [Sending] announces; [TurnFaults]
/// parks what fails. All of them are thread-safe and hold no state of a request. The only shared state is
/// `inProgress`.
///
/// ## Why this way
/// A failure that nobody expects is a defect and would hit every attempt, so it is answered at the first one
/// (`docs/decisions/0020-a-defect-is-answered-at-once.md`). An outage says nothing about the request. A user's
/// mistake is an outcome like any other: if it were announced without a decision, another worker that reads the
/// registry later could announce a success. Memory that runs out ends the process, because any thread may have
/// been cut off anywhere; the attempt then stands as one that died.
public final class Answering {
    private static final Logger log = LoggerFactory.getLogger(Answering.class);

    private final EventDecoder<RetrievalRequest> decoder;
    private final Fingerprint fingerprint;
    private final Deciding deciding;
    private final Patience patience;
    private final Sending sending;
    private final TurnFaults faults;
    private final Completion completion;
    /// Ids in progress in this worker. A copy of such a request is parked until it is answered.
    private final Map<String, TakenRequest> inProgress = new ConcurrentHashMap<>();

    /// @param outageLimit how long an outage may hold up one attempt
    /// @param maxTries of one attempt that end by an outage after they had read or written data
    /// @param handoverTimeout how long an attempt without an end may be one that another worker is giving up
    /// @param unreadableLimit how long a request is parked whose outcome cannot be read, or whose handling fails
    /// @param outcomeCheckInterval how often a running attempt is compared with what the store says
    public record Settings(
            int maxAttempts,
            Duration backoff,
            Duration backoffMax,
            Duration outageLimit,
            int maxTries,
            Duration handoverTimeout,
            Duration unreadableLimit,
            Duration outcomeCheckInterval,
            String worker) {
        public static Settings of(FirnConfig.Retrieval config, String worker) {
            return new Settings(
                    config.maxAttempts(),
                    config.retryBackoff(),
                    config.retryBackoffMax(),
                    config.outageLimit(),
                    config.maxTries(),
                    config.handoverTimeout(),
                    config.unreadableLimit(),
                    config.outcomeCheckInterval(),
                    worker);
        }

        Patience patience() {
            return new Patience(backoff, backoffMax);
        }
    }

    /// The digest of a request: equal for equal requests.
    public interface Fingerprint {
        String of(RetrievalRequest request);
    }

    /// The registered views.
    public interface ViewSource {
        /// The views, including everything that was registered before the call.
        ///
        /// @throws TransientFault if the registry does not catch up in time
        Views current(Cancellation cancellation);
    }

    /// Runs one attempt: [Retrieval#run].
    public interface Attempting {
        Completed run(Retrieval.Task task);
    }

    /// Reads the pins of an earlier result's manifest.
    public interface PinsLocation {
        Pins read(String manifestLocation);
    }

    /// Commits results to their target tables: [dev.firn.retrieval.commit.TargetCommits#complete].
    public interface Targets {
        /// The outcome as it is announced; empty if the request must wait for the catalog of its target.
        Optional<RetrievalResult> complete(Manifest outcome, Duration waited, Runnable step);
    }

    /// Creates listeners of progress.
    public interface ProgressSource {
        /// @param principal who asked through the gateway; empty if nobody did
        Progress of(String requestId, int attempt, String principal);
    }

    public Answering(
            EventDecoder<RetrievalRequest> decoder,
            Fingerprint fingerprint,
            ViewSource views,
            Attempting attempting,
            ResultStore results,
            PinsLocation pinsLocation,
            Targets targets,
            AnswerSink sink,
            ProgressSource progress,
            Settings settings,
            Clock clock) {
        this.decoder = decoder;
        this.fingerprint = fingerprint;
        this.patience = settings.patience();
        this.sending = new Sending(sink, patience);
        this.faults = new TurnFaults(sending, settings.unreadableLimit());
        this.completion = new Completion(targets, patience, sending);
        AttemptRunner runner = new AttemptRunner(views, attempting, pinsLocation, progress, settings, clock);
        this.deciding = new Deciding(results, runner, patience, settings, clock);
    }

    /// Takes the request to its answer, or as far as it comes now. Whatever goes wrong, the request has another
    /// turn, is answered, or is a dead letter.
    ///
    /// @param alone whether nothing runs beside it in this worker
    /// @throws CancellationException once the request is cancelled
    /// @throws OutOfMemoryError if memory ran out: the process must end
    public Turn turn(TakenRequest taken, boolean alone) {
        return faults.handle(taken, () -> answered(taken, alone));
    }

    private Turn answered(TakenRequest taken, boolean alone) {
        byte[] bytes = taken.record().value();
        Decoded<RetrievalRequest> decoded = bytes == null
                ? new Decoded.Undecodable<>(UndecodableCode.NO_VALUE, "no value")
                : patience.until(
                        taken, "decode", () -> decoder.decode(taken.record().headers(), bytes));
        return switch (decoded) {
            case Decoded.Undecodable<RetrievalRequest>(UndecodableCode code, String reason) ->
                refuseBytes(taken, code, reason);
            case Decoded.Value<RetrievalRequest>(RetrievalRequest request) -> {
                Optional<String> digest = digest(taken, request);
                yield digest.isPresent()
                        ? decided(new DecodedRequest(taken, request, digest.get()), alone)
                        : refuseBytes(taken, UndecodableCode.MALFORMED, "its digest cannot be computed");
            }
        };
    }

    /// Empty if it cannot be computed. Another try would not change that.
    private Optional<String> digest(TakenRequest taken, RetrievalRequest request) {
        try {
            return Optional.of(fingerprint.of(request));
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("record", taken.coordinates()).log("A request cannot be digested");
            return Optional.empty();
        }
    }

    private Turn refuseBytes(TakenRequest taken, UndecodableCode code, String reason) {
        sending.deadLetter(taken, Code.valueOf(code.name()), reason);
        taken.keyText().filter(Ids::isRequestId).ifPresent(key -> {
            RetrievalResult failed = Outcomes.failed(
                            key,
                            "",
                            Code.UNDECODABLE_REQUEST,
                            "[%s] is not a retrieval request: %s, %s.".formatted(taken.coordinates(), code, reason),
                            taken.time())
                    .build();
            sending.announce(taken, failed);
        });
        return new Turn.Answered();
    }

    private Turn decided(DecodedRequest request, boolean alone) {
        String standingId = request.request().getStandingId();
        if (!Ids.isRequestId(request.id())) {
            return announced(request, invalidId(request, "request"));
        }
        if (standingId != null && !Ids.isStandingId(standingId)) {
            return announced(request, invalidId(request, "standing"));
        }
        if (request.taken().lane() == Lane.REQUESTS && standingId != null) {
            return announced(
                    request,
                    reserved(request, Code.STANDING_ID_RESERVED, "standing_id is only for runs; leave it out."));
        }
        if (request.taken().lane() == Lane.REQUESTS && Ids.isRunId(request.id())) {
            return announced(
                    request,
                    reserved(
                            request,
                            Code.REQUEST_ID_RESERVED,
                            "Ids that end in .r<number>.<16 hexadecimal digits> are those of runs; choose another id."));
        }
        TakenRequest first = inProgress.putIfAbsent(request.id(), request.taken());
        if (first != null) {
            request.taken().shareValueOf(first);
            return new Turn.Parked(Turn.Cause.DUPLICATE);
        }
        try {
            request.taken().keepValue();
            Optional<Manifest> outcome = deciding.outcome(request, alone);
            return outcome.isPresent() ? completion.announced(request.taken(), outcome.get()) : new Turn.Alone();
        } finally {
            inProgress.remove(request.id());
        }
    }

    /// Only the registration service issues runs. Anybody else who could take a run's id, or write results with rows
    /// under a standing id, could decide what a standing retrieval answers. The refusal has no standing id for that
    /// reason. Commands may cancel runs, also ones that were never issued; the registration service heeds only the
    /// run that it waits for.
    private RetrievalResult reserved(DecodedRequest request, Code code, String message) {
        return Outcomes.failed(
                        request.id(),
                        request.digest(),
                        code,
                        message,
                        request.taken().time())
                .build();
    }

    private Turn announced(DecodedRequest request, RetrievalResult result) {
        sending.announce(request.taken(), result);
        return new Turn.Answered();
    }

    /// Ids become keys, headers and folders. Invalid ids are truncated to the maximum length.
    private RetrievalResult invalidId(DecodedRequest request, String which) {
        return Outcomes.failed(
                        request.id().substring(0, Math.min(request.id().length(), Limits.ID_LENGTH)),
                        request.digest(),
                        Code.INVALID_REQUEST_ID,
                        "The %s id must match [A-Za-z0-9][A-Za-z0-9._-]{0,126}.".formatted(which),
                        request.taken().time())
                .build();
    }
}
