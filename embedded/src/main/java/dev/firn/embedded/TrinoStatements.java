package dev.firn.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

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
        JsonNode page = send(HttpRequest.newBuilder(server).POST(HttpRequest.BodyPublishers.ofString(statement)));
        while (page.hasNonNull("nextUri") && !page.hasNonNull("error")) {
            page = send(HttpRequest.newBuilder(URI.create(page.get("nextUri").asText())));
        }
        JsonNode error = page.path("error");
        return error.isMissingNode()
                ? new Outcome("", "")
                : new Outcome(
                        error.path("errorName").asText("UNKNOWN"),
                        error.path("message").asText());
    }

    private static JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HTTP.send(request.header("X-Trino-User", TrinoPart.USER).build());
        if (response.statusCode() != 200) {
            throw new IOException("[%s] Trino responded with %d: %s"
                    .formatted(response.uri(), response.statusCode(), response.body()));
        }
        return JSON.readTree(response.body());
    }
}
