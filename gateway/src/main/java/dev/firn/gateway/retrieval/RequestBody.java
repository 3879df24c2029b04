package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.BodyBrokenOffException;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/// Reads a retrieval from a call: JSON; or rows with the rest in the query; or a multipart form with the JSON in
/// the part `request` and the rows in the part `rows`.
public final class RequestBody {
    private static final String MULTIPART = "multipart/form-data";

    private final Bodies bodies;
    private final Uploads uploads;
    private final MultipartConfigElement multipart;

    /// @param scratch folder for the parts of forms
    public RequestBody(Bodies bodies, Uploads uploads, Path scratch, long maxBytes) {
        this.bodies = bodies;
        this.uploads = uploads;
        this.multipart = new MultipartConfigElement(scratch.toString(), maxBytes, maxBytes, 0);
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
        HttpServletRequest http = call.http().req();
        http.setAttribute("org.eclipse.jetty.multipartConfig", multipart);
        try {
            Part request = part(http, "request");
            Part rows = part(http, "rows");
            SpineKind kind = kind(mediaType(rows));
            try (InputStream json = request.getInputStream();
                    InputStream content = rows.getInputStream()) {
                ObjectNode body = bodies.object(json, request.getSize());
                check(call, body, kind, check);
                return identified(call, withRows(body, kind, uploads.put(content, rows.getSize(), kind)));
            } finally {
                request.delete();
                rows.delete();
            }
        } catch (ServletException e) {
            throw Refusal.of(Code.BODY_INCOMPLETE, "The form cannot be read.");
        } catch (IllegalStateException e) {
            throw Refusal.of(Code.BODY_TOO_LARGE, "A part of the form is too large.");
        } catch (EOFException e) {
            throw new BodyBrokenOffException(e);
        }
    }

    private static Part part(HttpServletRequest http, String name) throws IOException, ServletException {
        Part part = http.getPart(name);
        if (part == null) {
            throw Refusal.of(Code.BAD_PARAMETER, "The form needs the parts 'request' and 'rows'.");
        }
        return part;
    }

    private static String mediaType(Part part) {
        String type = part.getContentType();
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
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
