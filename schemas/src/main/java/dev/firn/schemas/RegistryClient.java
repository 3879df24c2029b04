package dev.firn.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLParameters;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/// The part of Confluent's registry API that serdes and the registrar need. Thread-safe.
///
/// Only a 404 with one of the registry's own error codes means "not found". Every other failure is a refusal (409,
/// 422) or counts as unavailable, which is retried a bounded number of times over all addresses and then thrown. So a
/// proxy's 404 page never turns good events into dead letters.
final class RegistryClient implements AutoCloseable {
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int VERSION_NOT_FOUND = 40402;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final int SUBJECT_CONFIG_NOT_FOUND = 40408;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// A schema of a subject, with its id.
    record Registered(int id, Schema schema) {}

    private final RegistrySettings settings;
    private final HttpClient http;
    private final CountDownLatch closed = new CountDownLatch(1);

    RegistryClient(RegistrySettings settings) {
        this.settings = settings;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(settings.connectTimeout())
                .sslContext(new LateTls())
                .sslParameters(new SSLParameters()) // those of the context
                .build();
    }

    /// The schema of an id. Empty only if the registry says that it has none; a refusal counts as unavailable, since it
    /// says nothing about the bytes with that id.
    Optional<Schema> schema(int id) {
        String path = "/schemas/ids/" + id + "?format=resolved";
        try {
            return ask("GET", path, null).map(answer -> parsed(answer, "schema " + id));
        } catch (SchemaRefusedException e) {
            throw new SchemaRegistryUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    /// The id of `schema` in `subject`.
    Optional<Integer> lookup(String subject, Schema schema) {
        return ask("POST", "/subjects/" + encoded(subject), schemaBody(schema)).map(answer -> intField(answer, "id"));
    }

    /// The newest schema of `subject`.
    Optional<Registered> latest(String subject) {
        return ask("GET", "/subjects/" + encoded(subject) + "/versions/latest?format=resolved", null)
                .map(answer -> new Registered(intField(answer, "id"), parsed(answer, subject)));
    }

    /// Registers `schema` under `subject` unless it is there already; returns its id.
    int register(String subject, Schema schema) {
        return ask("POST", "/subjects/" + encoded(subject) + "/versions", schemaBody(schema))
                .map(answer -> intField(answer, "id"))
                .orElseThrow(() -> new SchemaRefusedException("[subject " + subject + "] could not be registered"));
    }

    /// The compatibility set for `subject` itself.
    Optional<String> compatibility(String subject) {
        return ask("GET", "/config/" + encoded(subject), null)
                .map(answer -> answer.path("compatibilityLevel").asText(""));
    }

    /// Sets the compatibility of `subject`; returns false if the registry requires the subject to exist first.
    boolean setCompatibility(String subject, String level) {
        return ask("PUT", "/config/" + encoded(subject), JSON.createObjectNode().put("compatibility", level))
                .isPresent();
    }

    private Optional<JsonNode> ask(String method, String path, @Nullable JsonNode body) {
        Duration pause = settings.retryPause();
        SchemaRegistryUnavailableException last = null;
        for (int attempt = 0; attempt < settings.attempts(); attempt++) {
            if (attempt > 0) {
                pause(pause);
                pause = min(pause.multipliedBy(2), Limits.REGISTRY_RETRY_PAUSE_MAX);
            }
            for (URI address : settings.addresses()) {
                try {
                    return askOnce(address, method, path, body);
                } catch (SchemaRegistryUnavailableException e) {
                    if (last != null) {
                        e.addSuppressed(last);
                    }
                    last = e;
                }
            }
        }
        throw last == null
                ? new SchemaRegistryUnavailableException("[" + settings + "] no address to call", null)
                : last;
    }

    private Optional<JsonNode> askOnce(URI address, String method, String path, @Nullable JsonNode body) {
        String where = "[" + method + " " + address + path + "] ";
        BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString());
        var request = HttpRequest.newBuilder(URI.create(address + path))
                .method(method, publisher)
                .header("Accept", MEDIA_TYPE + ", application/json")
                .header("Content-Type", MEDIA_TYPE);
        authorization(where).ifPresent(value -> request.header("Authorization", value));
        HttpResponse<String> response = exchanged(where, request.build());
        return answer(where, response.statusCode(), response.body());
    }

    private Optional<String> authorization(String where) {
        try {
            return settings.authorization().get();
        } catch (UncheckedIOException e) {
            throw new SchemaRegistryUnavailableException(where + e.getMessage(), e);
        }
    }

    /// Limits the whole exchange: a request's own timeout ends with the headers of its answer.
    private HttpResponse<String> exchanged(String where, HttpRequest request) {
        var exchange =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), Limits.REGISTRY_ANSWER_BYTES));
        try {
            return exchange.get(settings.readTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SchemaRegistryUnavailableException(
                    where + cause.getClass().getSimpleName() + message(cause), e);
        } catch (TimeoutException e) {
            throw new SchemaRegistryUnavailableException(
                    where + "no complete answer within "
                            + settings.readTimeout().toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            throw new InterruptException(where + "interrupted", e);
        } finally {
            exchange.cancel(true);
        }
    }

    private static Optional<JsonNode> answer(String where, int status, String body) {
        JsonNode json = json(body);
        int code = json == null ? 0 : json.path("error_code").asInt();
        if (status / 100 == 2 && json != null) {
            return Optional.of(json);
        }
        if (status == 404 && isNotFound(code)) {
            return Optional.empty();
        }
        if ((status == 409 || status == 422) && json != null) {
            throw new SchemaRefusedException(
                    where + status + "/" + code + ": " + json.path("message").asText());
        }
        throw new SchemaRegistryUnavailableException(
                where + "status " + status + " is not an answer from a schema registry", null);
    }

    private static boolean isNotFound(int code) {
        return switch (code) {
            case SUBJECT_NOT_FOUND, VERSION_NOT_FOUND, SCHEMA_NOT_FOUND, SUBJECT_CONFIG_NOT_FOUND -> true;
            default -> false;
        };
    }

    private static @Nullable JsonNode json(String body) {
        try {
            JsonNode json = JSON.readTree(body);
            return json.isObject() ? json : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private Schema parsed(JsonNode answer, String what) {
        if (!answer.path("schema").isTextual()) {
            throw new SchemaRegistryUnavailableException(what + ": the registry's answer has no 'schema'", null);
        }
        var parser = new Schema.Parser();
        try {
            for (String referenced : references(answer, 0)) {
                parser.parse(referenced);
            }
            return parser.parse(answer.path("schema").asText());
        } catch (AvroRuntimeException e) {
            // a default that does not fit its type is another exception than a syntax error
            throw new NoAvroSchemaException(what + " is not an Avro schema", e);
        }
    }

    /// Schemas that this one refers to, in the order to parse them; empty if the registry resolved them.
    private List<String> references(JsonNode answer, int depth) {
        var texts = new ArrayList<String>();
        if (answer.path("references").isEmpty()
                || isSelfContained(answer.path("schema").asText())) {
            return texts;
        }
        if (depth == Limits.REFERENCE_DEPTH) {
            throw new SchemaParseException("schema references are nested deeper than " + Limits.REFERENCE_DEPTH);
        }
        for (JsonNode reference : answer.path("references")) {
            String path = "/subjects/" + encoded(reference.path("subject").asText()) + "/versions/"
                    + reference.path("version").asInt();
            JsonNode referenced = ask("GET", path, null)
                    .orElseThrow(() -> new SchemaParseException("it refers to " + path + ", which does not exist"));
            for (String text : references(referenced, depth + 1)) {
                if (!texts.contains(text)) {
                    texts.add(text);
                }
            }
            texts.add(referenced.path("schema").asText());
        }
        return texts;
    }

    private static boolean isSelfContained(String schema) {
        try {
            new Schema.Parser().parse(schema);
            return true;
        } catch (AvroRuntimeException e) {
            return false;
        }
    }

    private static int intField(JsonNode answer, String name) {
        JsonNode value = answer.path(name);
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw new SchemaRegistryUnavailableException(
                    "the registry's answer has no whole number '" + name + "'", null);
        }
        return value.intValue();
    }

    private static JsonNode schemaBody(Schema schema) {
        return JSON.createObjectNode().put("schema", schema.toString());
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void pause(Duration pause) {
        try {
            if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new SchemaRegistryUnavailableException(
                        "[" + settings + "] closed while waiting to try again", null);
            }
        } catch (InterruptedException e) {
            throw new InterruptException("[" + settings + "] interrupted while waiting to try again", e);
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? "" : ": " + e.getMessage();
    }

    @Override
    public void close() {
        closed.countDown();
        http.shutdownNow();
    }

    /// The schema of an id is not an Avro schema.
    static final class NoAvroSchemaException extends RuntimeException {
        NoAvroSchemaException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
