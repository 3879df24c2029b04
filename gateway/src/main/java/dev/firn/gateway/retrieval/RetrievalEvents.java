package dev.firn.gateway.retrieval;

import dev.firn.events.RetrievalProgress;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.EventStream;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.service.result.Manifest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/// The event stream of one retrieval: `GET /retrievals/{id}/events`.
final class RetrievalEvents {
    private final Outcomes outcomes;
    private final Unanswered unanswered;

    RetrievalEvents(Outcomes outcomes, Unanswered unanswered) {
        this.outcomes = outcomes;
        this.unanswered = unanswered;
    }

    /// Progress, then the result, as server-sent events.
    void follow(Call call, Duration heartbeat) throws IOException {
        String id = call.id("id");
        if (EventStream.isOver(call)) {
            return;
        }
        Optional<String> position = EventStream.position(call);
        try (Subscription answers = unanswered.subscribe(id, position)) {
            Optional<Manifest> outcome = outcomes.find(call.caller(), id);
            EventStream stream = EventStream.open(call, answers, heartbeat, RetrievalCalls.location(id));
            if (outcome.isPresent()) {
                stream.end(outcome.get().result());
                return;
            }
            if (position.isEmpty()) {
                Optional<RetrievalProgress> last = unanswered.progress(call.caller(), id);
                if (last.isPresent()) {
                    stream.begin(last.get());
                }
            }
            Optional<? extends SpecificRecord> answer = unanswered.refusal(id);
            if (answer.isEmpty()) {
                answer = stream.follow(
                        (caller, event) -> unanswered.isShownTo(caller, id)
                                && event instanceof RetrievalProgress step
                                && step.getRequestId().equals(id),
                        event -> unanswered.isAnswer(event, id, ""));
            }
            end(stream, call, id, answer);
        }
    }

    /// The outcome is what stands on the store. What was refused before it ran leaves nothing there.
    private void end(EventStream stream, Call call, String id, Optional<? extends SpecificRecord> answer)
            throws IOException {
        Caller caller = call.recognisedAgain();
        Optional<Manifest> outcome = outcomes.find(caller, id);
        if (outcome.isPresent()) {
            stream.end(outcome.get().result());
        } else if (answer.isPresent() && unanswered.isShownTo(caller, id)) {
            stream.end(answer.get());
        }
    }
}
