package dev.firn.gateway.standing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.EventStream;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.Latest;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.gateway.retrieval.RequestBody;
import dev.firn.gateway.retrieval.RequestRights;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.service.client.Asked;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Standing retrievals: list, get, create, cancel, run, suspend, resume, live events.
public final class StandingCalls {
    private static final int OK = 200;
    private static final int CREATED = 201;

    private final EventSender sender;
    private final Events events;
    private final Registry registry;
    private final Bodies bodies;
    private final RequestBody requestBody;
    private final RequestRights rights;
    private final Duration wait;

    /// The standing retrievals, as fresh as what was answered before.
    ///
    /// @param limit how long to read up to the end
    public record Registry(Latest<StandingRetrieval> standing, Follower follower, Duration limit) {
        /// The standing retrievals that the caller may read, sorted by id, cancelled ones included.
        public List<StandingRetrieval> readable(Caller caller) {
            return current().all().stream()
                    .map(Latest.Kept::event)
                    .filter(one -> caller.may(Right.READ, Kind.STANDING, one.getStandingId()))
                    .toList();
        }

        /// The standing retrieval; 403 if the caller may not read it, 404 if there is none.
        public StandingRetrieval readable(Caller caller, String id) {
            caller.require(Right.READ, Kind.STANDING, id);
            return current()
                    .get(id)
                    .map(Latest.Kept::event)
                    .orElseThrow(() -> Refusal.of(
                            Code.UNKNOWN_STANDING_RETRIEVAL, "There is no standing retrieval '%s'.".formatted(id)));
        }

        /// All of them, cancelled ones included.
        ///
        /// @throws IllegalStateException if the gateway does not know them all
        public List<StandingRetrieval> complete() {
            Latest<StandingRetrieval> all = current();
            if (!all.isComplete()) {
                throw new IllegalStateException("the record of a standing retrieval cannot be decoded");
            }
            return all.all().stream().map(Latest.Kept::event).toList();
        }

        private Latest<StandingRetrieval> current() {
            follower.awaitEnd(Topic.STANDING_RETRIEVALS, limit);
            return standing;
        }
    }

    /// @param wait how long to wait for an answer
    public StandingCalls(
            EventSender sender,
            Events events,
            Registry registry,
            Bodies bodies,
            RequestBody requestBody,
            RequestRights rights,
            Duration wait) {
        this.sender = sender;
        this.events = events;
        this.registry = registry;
        this.bodies = bodies;
        this.requestBody = requestBody;
        this.rights = rights;
        this.wait = wait;
    }

    public void list(Call call) {
        int limit = call.pageSize();
        String after = call.query("after").orElse("");
        boolean withCancelled =
                call.query("cancelled").map(Boolean::parseBoolean).orElse(false);
        List<StandingRetrieval> page = registry.readable(call.caller()).stream()
                .filter(one -> one.getStandingId().compareTo(after) > 0)
                .filter(one -> withCancelled || one.getStatus() != StandingStatus.CANCELLED)
                .limit(limit + 1L)
                .toList();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode items = json.putArray("items");
        page.stream().limit(limit).forEach(one -> items.add(EventJson.tree(one)));
        json.put("next", page.size() > limit ? page.get(limit - 1).getStandingId() : null);
        call.answer(OK, json);
    }

    public void show(Call call) {
        call.answer(OK, EventJson.tree(registry.readable(call.caller(), call.id("id"))));
    }

    public void create(Call call) throws IOException {
        String id = call.id("id");
        call.caller().require(Right.REGISTER, Kind.STANDING, id);
        RetrievalRequest retrieval = requestBody.read(call, given -> rights.check(call.caller(), given));
        ask(
                call,
                StandingRequest.newBuilder()
                        .setRequestId(retrieval.getRequestId())
                        .setStandingId(id)
                        .setAction(StandingAction.CREATE)
                        .setRetrieval(retrieval)
                        .build());
    }

    /// Cancels, runs, suspends or resumes it.
    public void act(Call call, StandingAction action) {
        String id = call.id("id");
        call.caller().require(Right.REGISTER, Kind.STANDING, id);
        String requestId = bodies.identify(call, JsonNodeFactory.instance.objectNode());
        ask(
                call,
                StandingRequest.newBuilder()
                        .setRequestId(requestId)
                        .setStandingId(id)
                        .setAction(action)
                        .build());
    }

    /// Runs, their progress, and what happens to the standing retrieval.
    public void follow(Call call, Duration heartbeat) throws IOException {
        String id = call.id("id");
        call.caller().require(Right.READ, Kind.STANDING, id);
        try (Subscription live = events.subscribe(id, EventStream.position(call))) {
            EventStream.open(call, live, heartbeat, "/standing/" + id)
                    .follow(
                            (caller, event) ->
                                    caller.may(Right.READ, Kind.STANDING, id) && Events.isAboutStanding(event, id),
                            _ -> false);
        }
    }

    private void ask(Call call, StandingRequest request) {
        Asked asked = Asked.of(request);
        String id = request.getStandingId();
        Optional<RetrievalResult> answer;
        try (Subscription answers = events.subscribe(id)) {
            sender.send(Topic.STANDING_REQUESTS, id, request, call.eventHeaders());
            answer = answers.await(
                    call.preferredWait().orElse(wait),
                    event -> event instanceof RetrievalResult result && asked.isAnsweredBy(result)
                            ? Optional.of(result)
                            : Optional.empty());
        }
        String location = "/standing/" + id;
        if (answer.isEmpty()) {
            ObjectNode json = Refusal.of(
                            Code.NO_ANSWER_YET, "The request for '%s' has not been answered yet.".formatted(id))
                    .problem()
                    .json()
                    .put("request_id", request.getRequestId());
            call.accepted(location, json, request.getRequestId());
            return;
        }
        show(call, answer.get(), location);
    }

    private static void show(Call call, RetrievalResult answer, String location) {
        if (answer.getStatus() == RetrievalStatus.FAILED) {
            throw refusal(answer);
        }
        boolean isNew = answer.getStatus() == RetrievalStatus.CREATED && !answer.getUnchanged();
        if (isNew) {
            call.http().header("Location", location);
        }
        call.answer(isNew ? CREATED : OK, EventJson.tree(answer), answer.getRequestId());
    }

    private static Refusal refusal(RetrievalResult answer) {
        Code code = Code.of(answer.getCode()).orElse(Code.REFUSED);
        return new Refusal(new Problem(Problem.status(code), code, answer.getMessage(), answer.getViolations()));
    }
}
