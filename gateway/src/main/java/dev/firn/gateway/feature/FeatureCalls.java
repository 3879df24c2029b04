package dev.firn.gateway.feature;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.access.Kind;
import dev.firn.gateway.access.Right;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.Latest;
import dev.firn.gateway.kafka.Subscription;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Topic;
import dev.firn.service.client.Asked;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Feature views: `POST`, `GET` and `DELETE /feast/features`.
public final class FeatureCalls {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final String ACTION = "action";

    private final EventSender sender;
    private final Events events;
    private final Registry registry;
    private final Bodies bodies;
    private final Duration wait;

    /// The views, as fresh as what was answered before.
    ///
    /// @param limit how long to read up to the end
    public record Registry(Latest<FeatureView> views, Follower follower, Duration limit) {
        /// The views that the caller may read, sorted by name.
        public List<RegisteredView> readable(Caller caller) {
            follower.awaitEnd(Topic.FEATURE_VIEWS, limit);
            return views.all().stream()
                    .map(RegisteredView::of)
                    .filter(view ->
                            caller.may(Right.READ, Kind.VIEW, view.view().getName()))
                    .toList();
        }

        /// The catalogs of the tables of these views, without those of views that are not known.
        public Map<String, String> catalogs(Set<String> names) {
            follower.awaitEnd(Topic.FEATURE_VIEWS, limit);
            Map<String, String> catalogs = new HashMap<>();
            for (String name : names) {
                views.get(name)
                        .map(kept -> kept.event().getSource().getCatalog())
                        .ifPresent(catalog -> catalogs.put(name, catalog));
            }
            return catalogs;
        }

        /// The view; 403 if the caller may not read it, 404 if there is none.
        public RegisteredView readable(Caller caller, String name) {
            caller.require(Right.READ, Kind.VIEW, name);
            follower.awaitEnd(Topic.FEATURE_VIEWS, limit);
            return views.get(name)
                    .map(RegisteredView::of)
                    .orElseThrow(() -> new Refusal(new Problem(
                            Problem.status(Code.UNKNOWN_VIEW),
                            Code.UNKNOWN_VIEW,
                            "No feature view '%s' is registered.".formatted(name),
                            List.of())));
        }
    }

    /// @param wait how long to wait for an answer
    public FeatureCalls(EventSender sender, Events events, Registry registry, Bodies bodies, Duration wait) {
        this.sender = sender;
        this.events = events;
        this.registry = registry;
        this.bodies = bodies;
        this.wait = wait;
    }

    /// The architecture's call, with its body and its answer.
    public void register(Call call) throws IOException {
        ObjectNode body = bodies.json(call);
        if (!body.path(ACTION).asText(RegistrationAction.REGISTER.name()).equals(RegistrationAction.REGISTER.name())) {
            throw Refusal.of(Code.BAD_PARAMETER, "To drop a view, use DELETE /feast/features/{name}.");
        }
        bodies.identify(call, body);
        RegistrationRequest request = EventJson.read(RegistrationRequest.class, body);
        call.caller().require(Right.REGISTER, Kind.VIEW, request.getName());
        if (request.getSource() != null) {
            call.caller().require(Right.READ, Kind.CATALOG, request.getSource().getCatalog());
        }
        ask(call, request);
    }

    public void drop(Call call) {
        String name = call.path("name");
        call.caller().require(Right.REGISTER, Kind.VIEW, name);
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("name", name).put(ACTION, "DROP");
        call.query("expected_version")
                .ifPresent(_ -> body.put("expected_version", call.number("expected_version", 0, 999_999_999)));
        bodies.identify(call, body);
        ask(call, EventJson.read(RegistrationRequest.class, body));
    }

    public void list(Call call) {
        int limit = call.pageSize();
        String after = call.query("after").orElse("");
        ObjectNode page = JsonNodeFactory.instance.objectNode();
        ArrayNode items = page.putArray("items");
        String next = null;
        for (RegisteredView view : registry.readable(call.caller())) {
            if (view.view().getName().compareTo(after) <= 0) {
                continue;
            }
            if (items.size() == limit) {
                next = items.get(limit - 1).path("name").asText();
                break;
            }
            items.add(json(view));
        }
        page.put("next", next);
        call.answer(OK, page);
    }

    public void show(Call call) {
        call.answerTagged(json(registry.readable(call.caller(), call.path("name"))));
    }

    private static ObjectNode json(RegisteredView view) {
        return EventJson.tree(view.view()).put("principal", view.principal());
    }

    private void ask(Call call, RegistrationRequest request) {
        Asked asked = Asked.of(request);
        Optional<RegistrationResult> answer;
        // the position in the answers is taken before the request is sent
        try (Subscription answers = events.subscribe(request.getRequestId())) {
            sender.send(Topic.REGISTRATION_REQUESTS, request.getName(), request, call.eventHeaders());
            answer = answers.await(
                    call.preferredWait().orElse(wait),
                    event -> event instanceof RegistrationResult result && asked.isAnsweredBy(result)
                            ? Optional.of(result)
                            : Optional.empty());
        }
        if (answer.isEmpty()) {
            notYet(call, request);
        } else {
            show(call, request, answer.get());
        }
    }

    private static void notYet(Call call, RegistrationRequest request) {
        ObjectNode json = Refusal.of(
                        Code.NO_ANSWER_YET,
                        "The registration of '%s' has not been answered yet.".formatted(request.getName()))
                .problem()
                .json()
                .put("request_id", request.getRequestId());
        call.accepted(location(request.getName()), json, request.getRequestId());
    }

    private static String location(String name) {
        return "/feast/features/" + (Ids.isIdentifier(name) ? name : "");
    }

    private static void show(Call call, RegistrationRequest request, RegistrationResult result) {
        call.http().header(Call.REQUEST_ID_HEADER, request.getRequestId());
        switch (result.getStatus()) {
            case REGISTERED, UPDATED -> {
                call.http().header("Location", location(result.getName()));
                call.answer(CREATED, answer(result));
            }
            case UNCHANGED, DROPPED, VALID -> call.answer(OK, answer(result));
            case REJECTED, FAILED, UNKNOWN -> throw refusal(request, result);
        }
    }

    private static Refusal refusal(RegistrationRequest request, RegistrationResult result) {
        Problem problem = Problem.of(result.getViolations(), result.getMessage());
        boolean drops = request.getAction() == RegistrationAction.DROP;
        int status =
                switch (problem.code()) {
                    case OVERLOADED, VALIDATION_UNAVAILABLE -> Problem.UNAVAILABLE;
                    case UNKNOWN_VIEW -> drops ? Problem.status(Code.UNKNOWN_VIEW) : Problem.UNPROCESSABLE;
                    default -> Problem.UNPROCESSABLE;
                };
        return new Refusal(new Problem(status, problem.code(), problem.detail(), problem.violations()));
    }

    /// `name`, `source_table` and `message`, as the architecture has them; and warnings, if there are any.
    private static ObjectNode answer(RegistrationResult result) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("name", result.getName())
                .put("source_table", result.getSourceTable())
                .put("message", result.getMessage());
        if (!result.getWarnings().isEmpty()) {
            ArrayNode warnings = json.putArray("warnings");
            result.getWarnings().forEach(warning -> warnings.add(EventJson.tree(warning)));
        }
        return json;
    }
}
