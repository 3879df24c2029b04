package dev.firn.gateway.retrieval;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.lake.LakeOutage;
import dev.firn.schemas.Code;
import dev.firn.schemas.RequestDigest;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is known of retrievals that have no outcome: who has asked, what was heard since, and what workers
/// have noted on the store. Thread-safe.
final class Unanswered {
    private static final Logger log = LoggerFactory.getLogger(Unanswered.class);

    private final Events events;
    private final Outcomes outcomes;
    private final Asking asking;

    Unanswered(Events events, Outcomes outcomes, Asking asking) {
        this.events = events;
        this.outcomes = outcomes;
        this.asking = asking;
    }

    /// A request is about to be sent: what was heard before is about an earlier one.
    void asks(String id) {
        asking.asks(id, events.last());
    }

    void sent(String id, Caller caller) {
        asking.sent(id, caller.principal());
    }

    /// Whether the caller has asked for it: as the first worker that began it has noted, and before that, through this
    /// gateway. Somebody else may have used the id through another one.
    boolean isAskedBy(String id, Caller caller) {
        return outcomes.askedBy(id)
                .map(caller.principal()::equals)
                .orElseGet(() -> asking.isBy(id, caller.principal()));
    }

    /// Whether the caller may see how far it has come, as far as was heard: to look at the store for each event would
    /// be too much.
    boolean isShownTo(Caller caller, String id) {
        return caller.isAdministrator() || asking.isBy(id, caller.principal());
    }

    /// Whether anybody has asked for it or worked on it.
    boolean isKnown(String id) {
        return asking.isKnown(id)
                || events.progress(id).isPresent()
                || outcomes.attempt(id).isPresent();
    }

    /// The last progress, if the caller may see it.
    Optional<RetrievalProgress> progress(Caller caller, String id) {
        return events.progress(id).filter(_ -> isShownTo(caller, id));
    }

    /// What is heard of the request from a position on. If it was asked for again since, the answer to the earlier one
    /// is not the answer to this one.
    Subscription subscribe(String id, Optional<String> position) {
        return events.subscribe(id, position, asking.askedAfter(id));
    }

    /// What was announced a moment ago about a request without an outcome, if it was not asked for again since.
    Optional<RetrievalResult> refusal(String id) {
        return events.failure(id, asking.askedAfter(id)).filter(this::mayAnswer);
    }

    /// Whether a result may be the answer to a request without an outcome, from all that is known of it. The answer
    /// to bytes that are not a request has no digest. While a worker is busy with a request of that id, it is
    /// about something else.
    boolean mayAnswer(RetrievalResult result) {
        return !result.getRequestDigest().isEmpty()
                || RequestDigest.isOfCancelledId(result)
                || events.progress(result.getRequestId()).isEmpty();
    }

    /// Whether an event is the answer to a request. One with the id alone may be that of another request, which took
    /// the id too.
    ///
    /// @param digest of the request; empty if it is not known
    boolean isAnswer(SpecificRecord event, String id, String digest) {
        return event instanceof RetrievalResult result
                && result.getRequestId().equals(id)
                && (digest.isEmpty()
                        ? !result.getCode().equals(Code.REQUEST_ID_REUSED.name()) && mayAnswer(result)
                        : RequestDigest.isAnsweredBy(digest, result));
    }

    RetrievalCalls.Known known(Caller caller, String id) {
        OptionalInt attempt = attempt(id);
        boolean isKnown = attempt.isPresent() || events.progress(id).isPresent() || asking.isKnown(id);
        return new RetrievalCalls.Known(Optional.empty(), attempt, progress(caller, id), isKnown);
    }

    /// The store has just said that there is no outcome. If it cannot list what is being written, the caller still gets
    /// an answer.
    private OptionalInt attempt(String id) {
        try {
            return outcomes.attempt(id);
        } catch (LakeOutage e) {
            log.atDebug().addKeyValue("requestId", id).setCause(e).log("The attempts cannot be listed");
            return OptionalInt.empty();
        }
    }
}
