package dev.firn.embedded;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// What the health of one of Firn's services says about why it is not ready.
final class ServiceHealth {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ServiceHealth() {}

    /// Such as `waits for trino: no answer in time`, or the state if no neighbour is away.
    ///
    /// @return empty if the body is not of a Firn service
    static Optional<String> fault(String body) {
        try {
            JsonNode health = JSON.readTree(body);
            String state = health.path("state").asText("");
            String away = StreamSupport.stream(health.path("neighbours").spliterator(), false)
                    .filter(neighbour -> neighbour.path("status").asText("").equals("DOWN"))
                    .map(neighbour -> "%s: %s"
                            .formatted(
                                    neighbour.path("name").asText("?"),
                                    neighbour.path("reason").asText("?")))
                    .collect(Collectors.joining("; "));
            return Optional.of(away.isEmpty() ? state : "waits for " + away).filter(fault -> !fault.isEmpty());
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
