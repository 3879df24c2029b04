package dev.firn.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs statements over Trino's HTTP protocol, without a driver.
final class TrinoStatements {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final TimedHttp HTTP = new TimedHttp(LIMIT);

    private final URI server;

    TrinoStatements(String url) {
        server = URI.create(url + "/v1/statement");
    }

    /// The outcome of a statement: Trino's error name and message, both empty on success.
    record Outcome(String errorName, String message) {
        boolean isSuccess() {
            return errorName.isEmpty();
        }

        /// The server responds but cannot run statements yet.
        boolean isTooEarly() {
            return errorName.equals("SERVER_STARTING_UP") || errorName.equals("NO_NODES_AVAILABLE");
        }
    }

    Outcome run(String statement) throws IOException, InterruptedException {
        JsonNode page = send(server, statement);
        while (page.hasNonNull("nextUri") && !page.hasNonNull("error")) {
            page = send(URI.create(page.get("nextUri").asText()), null);
        }
        JsonNode error = page.path("error");
        return error.isMissingNode()
                ? new Outcome("", "")
                : new Outcome(
                        error.path("errorName").asText("UNKNOWN"),
                        error.path("message").asText());
    }

    private static JsonNode send(URI uri, @Nullable String body) throws IOException, InterruptedException {
        TimedHttp.Answer answer = HTTP.send(uri, Map.of("X-Trino-User", TrinoPart.USER), body);
        if (answer.status() != 200) {
            throw new IOException("[%s] Trino responded with %d: %s".formatted(uri, answer.status(), answer.body()));
        }
        return JSON.readTree(answer.body());
    }
}
