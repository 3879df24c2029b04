package dev.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.gateway.http.Route;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;

/// Holds answers of a gateway against its OpenAPI document: status, type and body must be described.
final class DescribedApi {
    private final JsonNode document;
    private final Set<Route> seen = EnumSet.noneOf(Route.class);

    DescribedApi(JsonNode document) {
        this.document = document;
    }

    /// The routes of which an answer other than an error was checked.
    Set<Route> seen() {
        return seen;
    }

    Http.Answer check(Route route, Http.Answer answer) {
        JsonNode operation =
                document.path("paths").path(route.path()).path(route.method().toLowerCase(Locale.ROOT));
        assertThat(operation.path("operationId").asText()).isEqualTo(route.name());
        String status = Integer.toString(answer.status());
        boolean isDescribed = operation.path("responses").has(status);
        JsonNode response = operation.path("responses").path(isDescribed ? status : "default");
        String type = answer.header("Content-Type").split(";", 2)[0];
        if (answer.status() == 204 || answer.status() == 304) {
            assertThat(isDescribed).as("%s answered %s", route, status).isTrue();
            assertThat(response.has("content") || answer.response().body().length > 0)
                    .as("%s has a body", route)
                    .isFalse();
            return answer;
        }
        assertThat(response.path("content").has(type))
                .as("%s answered %s %s: %s", route, status, type, answer.text())
                .isTrue();
        if (answer.status() < 300) {
            assertThat(isDescribed).as("%s answered %s", route, status).isTrue();
            seen.add(route);
        }
        if (type.endsWith("json")) {
            fits(route.name(), response.path("content").path(type).path("schema"), answer.json());
        }
        return answer;
    }

    private void fits(String at, JsonNode schema, JsonNode value) {
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().replace("#/components/schemas/", "");
            JsonNode target = document.path("components").path("schemas").path(name);
            assertThat(target.isObject()).as("%s is described", name).isTrue();
            fits(at, target, value);
            return;
        }
        if (schema.has("anyOf")) {
            boolean isNull = value.isNull();
            JsonNode branch = StreamSupport.stream(schema.path("anyOf").spliterator(), false)
                    .filter(one -> one.path("type").asText().equals("null") == isNull)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(at + ": no branch for " + value));
            fits(at, branch, value);
            return;
        }
        if (schema.has("allOf")) {
            schema.path("allOf").forEach(part -> fits(at, part, value));
            return;
        }
        assertThat(hasType(schema.path("type").asText(), value))
                .as("%s: expected %s, got %s", at, schema.path("type"), value)
                .isTrue();
        for (JsonNode required : schema.path("required")) {
            assertThat(value.has(required.asText()))
                    .as("%s has %s", at, required)
                    .isTrue();
        }
        schema.path("properties").properties().forEach(property -> {
            if (value.has(property.getKey())) {
                fits(at + "." + property.getKey(), property.getValue(), value.path(property.getKey()));
            }
        });
        if (schema.has("items")) {
            value.forEach(item -> fits(at + "[]", schema.path("items"), item));
        }
    }

    private static boolean hasType(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "null" -> value.isNull();
            default -> false;
        };
    }
}
