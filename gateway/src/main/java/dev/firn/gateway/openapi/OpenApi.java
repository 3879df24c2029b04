package dev.firn.gateway.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.gateway.http.Route;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// OpenAPI 3.1 of the gateway, from its routes and the events' schemas.
public final class OpenApi {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");
    private static final String PARQUET = "application/vnd.apache.parquet";
    private static final String SERVER_SENT = "text/event-stream";
    private static final String APPLICATION_JSON = "application/json";

    private final JsonSchemas schemas = new JsonSchemas();

    /// A status with the type and the schema of its body. Without a type there is no body.
    private record Answer(int status, String type, ObjectNode schema, String description) {}

    /// A parameter of the query or a header.
    private record Parameter(String name, String in, String type, String description) {}

    private OpenApi() {}

    public static ObjectNode document() {
        return new OpenApi().build();
    }

    private ObjectNode build() {
        ObjectNode api = JSON.objectNode().put("openapi", "3.1.0");
        api.putObject("info")
                .put("title", "Firn")
                .put("version", "1")
                .put(
                        "description",
                        "Firn's events over HTTP. A call that changes something sends an event, which others see"
                                + " too, and returns the answer to it.");
        ObjectNode paths = api.putObject("paths");
        for (Route route : Route.values()) {
            ObjectNode path =
                    paths.has(route.path()) ? (ObjectNode) paths.path(route.path()) : paths.putObject(route.path());
            ObjectNode operation = operation(route);
            path.set(route.method().toLowerCase(Locale.ROOT), operation);
            if (route.method().equals("GET")) {
                path.set("head", withoutBodies(operation.deepCopy()));
            }
        }
        ObjectNode components = api.putObject("components");
        components.set("schemas", schemas.all().set("Problem", AnswerShapes.problem()));
        components
                .putObject("securitySchemes")
                .putObject("bearer")
                .put("type", "http")
                .put("scheme", "bearer");
        ArrayNode security = api.putArray("security");
        security.addObject();
        security.addObject().putArray("bearer");
        return api;
    }

    private ObjectNode operation(Route route) {
        ObjectNode operation =
                JSON.objectNode().put("operationId", route.name()).put("summary", route.summary());
        ArrayNode parameters = JSON.arrayNode();
        PARAMETER
                .matcher(route.path())
                .results()
                .map(found -> new Parameter(found.group(1), "path", "string", ""))
                .forEach(parameter -> parameters.add(node(parameter)));
        parameters(route).forEach(parameter -> parameters.add(node(parameter)));
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
        body(route).ifPresent(body -> operation.set("requestBody", body));
        ObjectNode responses = operation.putObject("responses");
        for (Answer answer : answers(route)) {
            ObjectNode response =
                    responses.putObject(Integer.toString(answer.status())).put("description", answer.description());
            if (!answer.type().isEmpty()) {
                response.putObject("content").putObject(answer.type()).set("schema", answer.schema());
            }
        }
        ObjectNode error =
                responses.putObject("default").put("description", "An error, with Firn's code. 503 has Retry-After.");
        error.putObject("content").putObject("application/problem+json").set("schema", problemReference());
        return operation;
    }

    /// `HEAD` answers as `GET` does, without the body.
    private static ObjectNode withoutBodies(ObjectNode operation) {
        operation.put("operationId", "HEAD_" + operation.path("operationId").asText());
        operation.path("responses").forEach(response -> ((ObjectNode) response).remove("content"));
        return operation;
    }

    private static ObjectNode node(Parameter parameter) {
        ObjectNode node = JSON.objectNode()
                .put("name", parameter.name())
                .put("in", parameter.in())
                .put("required", parameter.in().equals("path"));
        if (!parameter.description().isEmpty()) {
            node.put("description", parameter.description());
        }
        node.putObject("schema").put("type", parameter.type());
        return node;
    }

    private static List<Parameter> parameters(Route route) {
        Parameter key = new Parameter(
                "Idempotency-Key", "header", "string", "The request id: the same key and body is the same request.");
        Parameter wait =
                new Parameter("Prefer", "header", "string", "wait=<seconds>: how long to wait for the answer.");
        Parameter limit = new Parameter("limit", "query", "integer", "The maximum number of items, at most 1000.");
        Parameter after =
                new Parameter("after", "query", "string", "Where the page begins: `next` of the previous page.");
        Parameter known = new Parameter(
                "If-None-Match", "header", "string", "The client's ETag. The answer is 304 if it is still current.");
        Parameter wanted = new Parameter(
                "If-Match",
                "header",
                "string",
                "The ETag that the client expects. The answer is 412 if another one is current.");
        return switch (route) {
            case REGISTER,
                    RETRIEVE,
                    CREATE_STANDING,
                    CANCEL_STANDING,
                    RUN_STANDING,
                    SUSPEND_STANDING,
                    RESUME_STANDING -> List.of(key, wait);
            case DROP_VIEW ->
                List.of(
                        key,
                        wait,
                        new Parameter(
                                "expected_version",
                                "query",
                                "integer",
                                "Drops the view only if its version is this one."));
            case CANCEL_RETRIEVAL ->
                List.of(
                        wait,
                        new Parameter("reason", "query", "string", "Why, for people; the result's message has it."));
            case LIST_VIEWS -> List.of(limit, after);
            case LIST_STANDING ->
                List.of(limit, after, new Parameter("cancelled", "query", "boolean", "Includes cancelled ones."));
            case LIST_COMMITS, LIST_DEAD_LETTERS -> List.of(limit);
            case GET_RETRIEVAL ->
                List.of(
                        wait,
                        known,
                        wanted,
                        new Parameter(
                                "digest",
                                "query",
                                "string",
                                "The request's digest. Fails if the outcome belongs to another request."));
            case GET_FILE, GET_CHANGES ->
                List.of(
                        known,
                        wanted,
                        new Parameter("Range", "header", "string", "One range of bytes."),
                        new Parameter(
                                "If-Range",
                                "header",
                                "string",
                                "The ETag that the range belongs to. If another one is current, the whole file is sent."));
            case GET_VIEW -> List.of(known, wanted);
            case GET_ROWS -> List.of(limit);
            case RETRIEVAL_EVENTS, STANDING_EVENTS, COMMIT_EVENTS ->
                List.of(new Parameter(
                        "Last-Event-ID",
                        "header",
                        "string",
                        "The last event id that the client received. The stream goes on after it."));
            case GET_STANDING, HINT, OPEN_API -> List.of();
        };
    }

    private Optional<ObjectNode> body(Route route) {
        return switch (route) {
            case REGISTER -> Optional.of(json(schemas.reference(RegistrationRequest.getClassSchema())));
            case HINT -> Optional.of(json(schemas.reference(TableHint.getClassSchema())));
            case RETRIEVE, CREATE_STANDING -> {
                ObjectNode body = json(schemas.reference(RetrievalRequest.getClassSchema()));
                ObjectNode content = (ObjectNode) body.path("content");
                content.putObject(PARQUET).set("schema", binary());
                content.putObject("text/csv").set("schema", JSON.objectNode().put("type", "string"));
                ObjectNode form = JSON.objectNode().put("type", "object");
                form.putObject("properties")
                        .<ObjectNode>set("request", schemas.reference(RetrievalRequest.getClassSchema()))
                        .set("rows", binary());
                content.putObject("multipart/form-data").set("schema", form);
                yield Optional.of(body);
            }
            case LIST_VIEWS,
                    GET_VIEW,
                    DROP_VIEW,
                    GET_RETRIEVAL,
                    CANCEL_RETRIEVAL,
                    RETRIEVAL_EVENTS,
                    GET_FILE,
                    GET_CHANGES,
                    GET_ROWS,
                    LIST_STANDING,
                    GET_STANDING,
                    CANCEL_STANDING,
                    RUN_STANDING,
                    SUSPEND_STANDING,
                    RESUME_STANDING,
                    STANDING_EVENTS,
                    LIST_COMMITS,
                    COMMIT_EVENTS,
                    LIST_DEAD_LETTERS,
                    OPEN_API -> Optional.empty();
        };
    }

    private static ObjectNode json(ObjectNode schema) {
        ObjectNode body = JSON.objectNode().put("required", true);
        body.putObject("content").putObject(APPLICATION_JSON).set("schema", schema);
        return body;
    }

    private static ObjectNode binary() {
        return JSON.objectNode().put("type", "string").put("format", "binary");
    }

    private List<Answer> answers(Route route) {
        ObjectNode result = schemas.reference(RetrievalResult.getClassSchema());
        ObjectNode view = AnswerShapes.view(schemas.reference(FeatureView.getClassSchema()));
        Answer unchanged = new Answer(304, "", JSON.objectNode(), "The ETag in If-None-Match is current.");
        Answer later =
                new Answer(202, APPLICATION_JSON, problemReference(), "No answer yet; Location says where to look.");
        return switch (route) {
            case REGISTER ->
                List.of(
                        json(201, AnswerShapes.registered(), "Registered or changed."),
                        json(200, AnswerShapes.registered(), "Nothing changed, or it was a dry run."),
                        later);
            case DROP_VIEW -> List.of(json(200, AnswerShapes.registered(), "Dropped."), later);
            case LIST_VIEWS -> List.of(json(200, JsonSchemas.page(view), "A page of views."));
            case GET_VIEW -> List.of(json(200, view, "The view."), unchanged);
            case RETRIEVE -> List.of(json(200, result, "The outcome, FAILED included."), later);
            case GET_RETRIEVAL -> List.of(json(200, result, "The outcome, FAILED included."), later, unchanged);
            case CANCEL_RETRIEVAL ->
                List.of(json(200, result, "The outcome: FAILED with CANCELLED, or the one that came first."), later);
            case GET_FILE, GET_CHANGES ->
                List.of(
                        new Answer(200, PARQUET, binary(), "The file."),
                        new Answer(206, PARQUET, binary(), "The range of it."),
                        unchanged);
            case GET_ROWS -> List.of(json(200, AnswerShapes.rows(), "The first rows."));
            case LIST_STANDING ->
                List.of(json(
                        200,
                        JsonSchemas.page(schemas.reference(StandingRetrieval.getClassSchema())),
                        "A page of standing retrievals."));
            case GET_STANDING ->
                List.of(json(200, schemas.reference(StandingRetrieval.getClassSchema()), "The standing retrieval."));
            case CREATE_STANDING ->
                List.of(json(201, result, "Created or changed."), json(200, result, "Nothing has changed."), later);
            case CANCEL_STANDING -> List.of(json(200, result, "Cancelled."), later);
            case RUN_STANDING -> List.of(json(200, result, "A run is issued, or will follow the current one."), later);
            case SUSPEND_STANDING -> List.of(json(200, result, "Suspended."), later);
            case RESUME_STANDING -> List.of(json(200, result, "It is resumed, or was not suspended."), later);
            case RETRIEVAL_EVENTS ->
                List.of(
                        events(),
                        new Answer(204, "", JSON.objectNode(), "The client has already received the last event."));
            case STANDING_EVENTS, COMMIT_EVENTS -> List.of(events());
            case LIST_COMMITS ->
                List.of(json(
                        200, JsonSchemas.page(schemas.reference(TableCommit.getClassSchema())), "The latest commits."));
            case LIST_DEAD_LETTERS -> List.of(json(200, AnswerShapes.object(), "The latest dead letters."));
            case HINT -> List.of(json(202, AnswerShapes.object(), "Sent."));
            case OPEN_API -> List.of(json(200, AnswerShapes.object(), "OpenAPI 3.1."));
        };
    }

    private static Answer events() {
        return new Answer(
                200,
                SERVER_SENT,
                JSON.objectNode().put("type", "string"),
                "Events, named by their type. Gap: events may be missing; its `state` is the path to read.");
    }

    private static Answer json(int status, ObjectNode schema, String description) {
        return new Answer(status, APPLICATION_JSON, schema, description);
    }

    private static ObjectNode problemReference() {
        return JSON.objectNode().put("$ref", "#/components/schemas/Problem");
    }
}
