package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.answer.Answering.Targets;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Ids;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.event.EventSize;
import dev.firn.service.result.Manifest;
import java.time.Clock;
import java.util.concurrent.CancellationException;

/// Cancels retrievals: decides CANCELLED as the outcome of an id, as an attempt decides its own, and announces what
/// stands. Thread-safe.
///
/// A cancellation is a manifest without a request and without a digest, created only if there is none. So it
/// needs to know nothing of the request: whether that is still on its way, waits, runs elsewhere, or never comes.
/// The worker that runs it finds the outcome ([AttemptWatch]), and one that gets it later finds it before it
/// begins. If another outcome was first, that one is announced once more, which tells whoever asked that the
/// cancellation came too late.
public final class Cancelling {
    private static final int REASON_LENGTH = 500;

    private final EventDecoder<RetrievalCommand> decoder;
    private final ResultStore results;
    private final Patience patience;
    private final Sending sending;
    private final TurnFaults faults;
    private final Completion completion;
    private final String worker;
    private final Clock clock;

    /// @param targets says what became of a target table; leaves the commit to the request itself
    public Cancelling(
            EventDecoder<RetrievalCommand> decoder,
            ResultStore results,
            Targets targets,
            AnswerSink sink,
            Answering.Settings settings,
            Clock clock) {
        this.decoder = decoder;
        this.results = results;
        this.patience = settings.patience();
        this.sending = new Sending(sink, patience);
        this.faults = new TurnFaults(sending, settings.unreadableLimit());
        this.completion = new Completion(targets, patience, sending);
        this.worker = settings.worker();
        this.clock = clock;
    }

    /// Handles a command. Whatever goes wrong, it has another turn, is done, or is a dead letter.
    ///
    /// @throws CancellationException once the command moves to another worker
    /// @throws OutOfMemoryError if memory ran out: the process must end
    public Turn turn(TakenRequest taken) {
        return faults.handle(taken, () -> {
            byte[] bytes = taken.record().value();
            Decoded<RetrievalCommand> decoded = bytes == null
                    ? new Decoded.Undecodable<>(UndecodableCode.NO_VALUE, "no value")
                    : patience.until(
                            taken, "decode", () -> decoder.decode(taken.record().headers(), bytes));
            return switch (decoded) {
                case Decoded.Undecodable<RetrievalCommand>(UndecodableCode code, String reason) ->
                    deadLettered(taken, Code.valueOf(code.name()), reason);
                case Decoded.Value<RetrievalCommand>(RetrievalCommand command) -> handle(taken, command);
            };
        });
    }

    private Turn handle(TakenRequest taken, RetrievalCommand command) {
        if (!Ids.isRequestId(command.getRequestId())) {
            return deadLettered(taken, Code.INVALID_REQUEST_ID, "The request id is not valid.");
        }
        if (command.getAction() != RetrievalAction.CANCEL) {
            return deadLettered(taken, Code.UNKNOWN_ACTION, "The action must be CANCEL.");
        }
        Manifest mine = cancelled(taken, command);
        return completion.announced(taken, patience.until(taken, "decide the outcome", () -> results.decide(mine)));
    }

    private Turn deadLettered(TakenRequest taken, Code code, String reason) {
        sending.deadLetter(taken, code, reason);
        return new Turn.Answered();
    }

    private Manifest cancelled(TakenRequest taken, RetrievalCommand command) {
        String id = command.getRequestId();
        String reason = EventSize.cut(command.getReason().strip(), REASON_LENGTH);
        RetrievalResult result = Outcomes.failed(
                        id,
                        "",
                        Code.CANCELLED,
                        "'%s' was cancelled%s".formatted(id, reason.isEmpty() ? "." : ": " + reason),
                        clock.instant())
                .setStandingId(Ids.standingIdOfRun(id).orElse(null))
                .setManifestLocation(results.manifestLocation(id))
                .build();
        return new Manifest(result, null, null, worker, taken.principal());
    }
}
