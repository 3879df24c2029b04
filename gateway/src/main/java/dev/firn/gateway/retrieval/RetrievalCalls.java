package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Ids;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.Topic;
import dev.firn.service.result.Manifest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Retrievals: `POST /retrievals`, `GET` and `DELETE /retrievals/{id}`, and their events.
///
/// The store decides outcomes, so an outcome is always read from there; the topics only say when to look.
public final class RetrievalCalls {
    private static final int OK = 200;

    private final EventSender sender;
    private final Events events;
    private final Outcomes outcomes;
    private final RequestBody requestBody;
    private final RequestRights rights;
    private final RecentRetrievals recent;
    private final Unanswered unanswered;
    private final RetrievalEvents following;

    /// What is known of a retrieval, as far as the caller may see it.
    ///
    /// @param attempt the latest one that a worker has noted
    /// @param isKnown whether anybody has been seen to work on it
    public record Known(
            Optional<Manifest> outcome, OptionalInt attempt, Optional<RetrievalProgress> progress, boolean isKnown) {}

    /// @param requestBody reads requests
    public RetrievalCalls(
            EventSender sender,
            Events events,
            Outcomes outcomes,
            RequestBody requestBody,
            RequestRights rights,
            Asking asking,
            RecentRetrievals recent) {
        this.sender = sender;
        this.events = events;
        this.outcomes = outcomes;
        this.requestBody = requestBody;
        this.rights = rights;
        this.recent = recent;
        this.unanswered = new Unanswered(events, outcomes, asking);
        this.following = new RetrievalEvents(outcomes, unanswered);
    }

    /// Sends the request, unless its outcome stands already.
    public void ask(Call call) throws Exception {
        RetrievalRequest request = requestBody.read(call, given -> rights.checkOwn(call.caller(), given));
        String id = request.getRequestId();
        String digest = RequestDigest.of(request);
        // at the same time: each is a round trip to the store, and the client waits for both
        FutureTask<Boolean> known = new FutureTask<>(() -> unanswered.isKnown(id));
        Thread.startVirtualThread(known);
        Optional<Manifest> standing = outcomes.find(call.caller(), id);
        if (standing.isPresent()) {
            requireSame(standing.get(), digest);
            outcomes.requireFiles(standing.get());
            show(call, standing.get());
            return;
        }
        boolean isKnown = answer(known);
        unanswered.asks(id);
        try (Subscription answers = events.subscribe(id)) {
            sender.send(Topic.RETRIEVAL_REQUESTS, id, request, call.eventHeaders());
            if (!isKnown) {
                unanswered.sent(id, call.caller());
                recent.sent(id);
            }
            Optional<RetrievalResult> answer = await(call, answers, id, digest);
            answer.ifPresent(RetrievalCalls::requireNotReused);
            Optional<Manifest> outcome = answer.isEmpty() ? Optional.empty() : outcomes.find(call.caller(), id);
            if (outcome.isPresent()) {
                show(call, outcome.get());
            } else if (answer.isPresent()) {
                // refused before it ran, so nothing stands on the store
                show(call, answer.get());
            } else {
                notYet(call, id, digest);
            }
        }
    }

    private static <A> A answer(FutureTask<A> asked) throws Exception {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /// Shows the outcome, or how far the retrieval has come.
    public void show(Call call) {
        String id = call.id("id");
        try (Subscription answers = events.subscribe(id)) {
            Optional<Manifest> outcome = outcomes.find(call.caller(), id);
            Optional<RetrievalResult> answer =
                    outcome.isPresent() ? Optional.empty() : refusal(call, id).or(() -> await(call, answers, id, ""));
            if (answer.isPresent()) {
                outcome = outcomes.find(call.caller(), id);
            }
            if (outcome.isEmpty() && answer.isPresent() && unanswered.isShownTo(call.caller(), id)) {
                show(call, answer.get());
                return;
            }
            if (outcome.isEmpty()) {
                notYet(call, id, "");
                return;
            }
            Manifest found = outcome.get();
            call.query("digest").ifPresent(digest -> requireSame(found, digest));
            outcomes.requireFiles(found);
            show(call, found);
        }
    }

    /// Progress, then the result, as server-sent events.
    public void follow(Call call, Duration heartbeat) throws IOException {
        following.follow(call, heartbeat);
    }

    private Optional<RetrievalResult> refusal(Call call, String id) {
        return unanswered
                .refusal(id)
                .filter(result -> call.query("digest")
                        .map(digest -> RequestDigest.isAnsweredBy(digest, result))
                        .orElse(true));
    }

    /// Cancels the retrieval unless it has an outcome, and answers with the outcome that stands.
    ///
    /// @param wait how long to wait for it if the client does not say
    public void cancel(Call call, Duration wait) {
        String id = call.id("id");
        Optional<Manifest> outcome = cancelled(call, id, call.preferredWait().orElse(wait));
        if (outcome.isPresent()) {
            show(call, outcome.get());
        } else {
            notYet(call, id, "");
        }
    }

    /// Cancels the retrieval unless it has an outcome.
    ///
    /// @return the outcome that stands; empty if there is none within `wait`
    public Optional<Manifest> cancelled(Call call, String id, Duration wait) {
        Optional<Manifest> standing = outcomes.find(call.caller(), id);
        if (standing.isPresent()) {
            return standing;
        }
        requireMayCancel(call.caller(), id);
        RetrievalCommand command = RetrievalCommand.newBuilder()
                .setRequestId(id)
                .setAction(RetrievalAction.CANCEL)
                .setReason(call.query("reason").orElse(""))
                .build();
        try (Subscription answers = events.subscribe(id)) {
            sender.send(Topic.RETRIEVAL_COMMANDS, id, command, call.eventHeaders());
            Optional<RetrievalResult> answer = await(answers, id, "", wait);
            return answer.isEmpty() ? Optional.empty() : outcomes.find(call.caller(), id);
        }
    }

    /// Who asked may cancel, and administrators; a run whoever may cancel its standing retrieval.
    private void requireMayCancel(Caller caller, String id) {
        Optional<String> standing = Ids.standingIdOfRun(id);
        if (standing.isPresent()) {
            caller.require(Right.REGISTER, Kind.STANDING, standing.get());
        } else if (!caller.isAdministrator() && !unanswered.isAskedBy(id, caller)) {
            throw Refusal.of(
                    Code.FORBIDDEN,
                    "Only whoever requested '%s' and administrators may cancel it, not '%s'."
                            .formatted(id, caller.principal()));
        }
    }

    private Optional<RetrievalResult> await(Call call, Subscription answers, String id, String digest) {
        return await(answers, id, digest, call.preferredWait().orElse(Duration.ZERO));
    }

    private Optional<RetrievalResult> await(Subscription answers, String id, String digest, Duration wait) {
        return wait.isZero()
                ? Optional.empty()
                : answers.await(
                        wait,
                        event -> unanswered.isAnswer(event, id, digest) && event instanceof RetrievalResult result
                                ? Optional.of(result)
                                : Optional.empty());
    }

    private static void requireNotReused(RetrievalResult result) {
        if (result.getCode().equals(Code.REQUEST_ID_REUSED.name())) {
            throw reused(result.getRequestId());
        }
    }

    private static void requireSame(Manifest outcome, String digest) {
        if (!RequestDigest.isAnsweredBy(digest, outcome.result())) {
            throw reused(outcome.result().getRequestId());
        }
    }

    private static Refusal reused(String id) {
        return Refusal.of(Code.REQUEST_ID_REUSED, "The id '%s' belongs to another request.".formatted(id));
    }

    /// An outcome stays as it is.
    private static void show(Call call, Manifest outcome) {
        RetrievalResult result = outcome.result();
        call.http().header("Content-Location", location(result.getRequestId()));
        call.http().header(Call.REQUEST_ID_HEADER, result.getRequestId());
        call.answerTagged(EventJson.tree(result));
    }

    private static void show(Call call, RetrievalResult result) {
        call.http().header("Content-Location", location(result.getRequestId()));
        call.answer(OK, EventJson.tree(result), result.getRequestId());
    }

    /// What is known of a retrieval.
    ///
    /// @throws Refusal with 403 if there is an outcome that the caller may not read
    public Known known(Caller caller, String id) {
        Optional<Manifest> outcome = outcomes.find(caller, id);
        return outcome.isPresent()
                ? new Known(outcome, OptionalInt.empty(), Optional.empty(), true)
                : unanswered.known(caller, id);
    }

    /// The retrievals that this gateway has seen, as far as the caller may see them, the latest first.
    public List<RecentRetrievals.Note> recent(Caller caller) {
        return recent.latestFirst().stream()
                .filter(note -> unanswered.isShownTo(caller, note.id())
                        || (!note.standingId().isEmpty() && caller.may(Right.READ, Kind.STANDING, note.standingId())))
                .toList();
    }

    private void notYet(Call call, String id, String digest) {
        Known known = unanswered.known(call.caller(), id);
        ObjectNode json = new Problem(
                        Problem.status(Code.NO_OUTCOME_YET),
                        Code.NO_OUTCOME_YET,
                        "'%s' has no outcome yet.".formatted(id),
                        List.of())
                .json()
                .put("request_id", id)
                .put("known", known.isKnown());
        if (!digest.isEmpty()) {
            json.put("request_digest", digest);
        }
        known.attempt().ifPresent(number -> json.put("attempt", number));
        known.progress().ifPresent(step -> json.set("progress", EventJson.tree(step)));
        call.accepted(digest.isEmpty() ? location(id) : location(id) + "?digest=" + digest, json, id);
    }

    static String location(String id) {
        return "/retrievals/" + id;
    }
}
