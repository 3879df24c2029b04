package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.eclipse.jetty.http.MultiPart;

/// Reads a retrieval from a call: JSON; or rows with the rest in the query; or a multipart form with the JSON in
/// the part `request` and the rows in the part `rows`.
public final class RequestBody {
    private static final String MULTIPART = "multipart/form-data";

    private final Bodies bodies;
    private final Uploads uploads;

    public RequestBody(Bodies bodies, Uploads uploads) {
        this.bodies = bodies;
        this.uploads = uploads;
    }

    /// The request, with its id.
    ///
    /// @param check refuses a request; nothing is stored before it has passed
    public RetrievalRequest read(Call call, Consumer<RetrievalRequest> check) throws IOException {
        String type = Bodies.mediaType(call).orElse("application/json");
        return switch (type) {
            case "application/json" -> {
                RetrievalRequest request = identified(call, bodies.json(call));
                check.accept(request);
                uploads.useAllOf(request);
                yield request;
            }
            case MULTIPART -> form(call, check);
            default -> rows(call, kind(type), check);
        };
    }

    private RetrievalRequest rows(Call call, SpineKind kind, Consumer<RetrievalRequest> check) throws IOException {
        ObjectNode request = QueryRequest.of(call.http().queryParamMap());
        // what is wrong with the query is said before the body is read
        check(call, request, kind, check);
        String location = uploads.put(Bodies.stream(call), call.http().req().getContentLengthLong(), kind);
        return identified(call, withRows(request, kind, location));
    }

    /// The id that is made here, if the call has none, stays in `request`.
    private void check(Call call, ObjectNode request, SpineKind kind, Consumer<RetrievalRequest> check) {
        bodies.identify(call, request);
        ObjectNode copy = withRows(request.deepCopy(), kind, uploads.anyLocation());
        check.accept(EventJson.read(RetrievalRequest.class, copy));
    }

    private RetrievalRequest form(Call call, Consumer<RetrievalRequest> check) throws IOException {
        try (Form form = uploads.form(call)) {
            MultiPart.Part request = form.part("request");
            MultiPart.Part rows = form.part("rows");
            SpineKind kind = kind(Form.mediaType(rows));
            ObjectNode body;
            try (InputStream json = Form.content(request)) {
                body = bodies.object(json, request.getLength());
            }
            check(call, body, kind, check);
            try (InputStream content = Form.content(rows)) {
                return identified(call, withRows(body, kind, uploads.put(content, rows.getLength(), kind)));
            }
        }
    }

    private static SpineKind kind(String type) {
        return switch (type) {
            case "application/vnd.apache.parquet", "application/parquet", "application/x-parquet" -> SpineKind.PARQUET;
            case "text/csv", "application/csv" -> SpineKind.CSV;
            default ->
                throw Refusal.of(
                        Code.UNSUPPORTED_MEDIA_TYPE,
                        "The body must be application/json, application/vnd.apache.parquet, text/csv or multipart/form-data, not '%s'."
                                .formatted(type));
        };
    }

    private static ObjectNode withRows(ObjectNode request, SpineKind kind, String location) {
        ObjectNode spine =
                request.path("spine") instanceof ObjectNode given ? given : JsonNodeFactory.instance.objectNode();
        spine.put("kind", kind.name());
        spine.putArray("locations").add(location);
        request.set("spine", spine);
        return request;
    }

    private RetrievalRequest identified(Call call, ObjectNode body) {
        bodies.identify(call, body);
        return EventJson.read(RetrievalRequest.class, body);
    }
}
