package dev.firn.retrieval.answer;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.outcome.UnreadableOutcome;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what becomes of a record whose turn fails: it is parked, and for some faults a dead letter after a limit.
/// Thread-safe.
///
/// @param unreadableLimit how long a record is parked whose outcome cannot be read, or whose handling fails
record TurnFaults(Sending sending, Duration unreadableLimit) {
    private static final Logger log = LoggerFactory.getLogger(TurnFaults.class);

    /// What the turn returns, or what its failure makes of the record.
    ///
    /// @throws CancellationException once the record is cancelled
    /// @throws OutOfMemoryError if memory ran out: the process must end
    Turn handle(TakenRequest taken, Supplier<Turn> turn) {
        try {
            return turn.get();
        } catch (CancellationException e) {
            throw e;
        } catch (UnreadableOutcome e) {
            return unreadable(taken, e);
        } catch (LakeRejection e) {
            return parked(taken, Turn.Cause.DENIED, e);
        } catch (UndecodedView e) {
            return parked(taken, Turn.Cause.UNDECODED_VIEW, e);
        } catch (RuntimeException | Error e) {
            OutOfMemory.rethrow(e);
            return failed(taken, e);
        }
    }

    /// A fault of Firn's own may end with a restart or an upgrade, so it is tried again for a while.
    private Turn failed(TakenRequest taken, Throwable fault) {
        Duration since = taken.parkedFor(Turn.Cause.FAILED);
        Turn parked = parked(taken, Turn.Cause.FAILED, fault);
        if (since.compareTo(unreadableLimit) < 0) {
            return parked;
        }
        sending.deadLetter(
                taken,
                Code.HANDLING_FAILED,
                "Handling the request has failed for %d s: %s".formatted(since.toSeconds(), Reason.of(fault)));
        return new Turn.Answered();
    }

    /// An outcome may stand that this worker cannot read, so nothing is announced.
    private Turn unreadable(TakenRequest taken, UnreadableOutcome fault) {
        Duration since = taken.parkedFor(Turn.Cause.UNREADABLE);
        if (since.compareTo(unreadableLimit) < 0) {
            return parked(taken, Turn.Cause.UNREADABLE, fault);
        }
        sending.deadLetter(
                taken,
                Code.OUTCOME_UNREADABLE,
                "The request has an outcome that could not be read for %d s: %s"
                        .formatted(since.toSeconds(), Reason.of(fault)));
        return new Turn.Answered();
    }

    private static Turn parked(TakenRequest taken, Turn.Cause cause, Throwable fault) {
        log.atError()
                .setCause(fault)
                .addKeyValue("record", taken.coordinates())
                .addKeyValue("cause", cause)
                .log("A request cannot be answered now; it is parked");
        return new Turn.Parked(cause);
    }
}
