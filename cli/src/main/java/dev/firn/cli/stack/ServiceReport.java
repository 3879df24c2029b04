package dev.firn.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.Times;
import dev.firn.cli.render.Json;
import dev.firn.embedded.TimedHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/// What a service says of itself: its health, and the meters that an operator looks at first.
///
/// @param health the JSON of `/health`
/// @param lag how long the oldest unanswered request of each input topic has waited, in seconds
/// @param retention how long each of these topics keeps a record, in seconds
/// @param parked requests that wait outside the slots, without those that wait for another copy of themselves
/// @param putAside views whose records cannot be decoded
record ServiceReport(
        String name,
        JsonNode health,
        Map<String, Double> lag,
        Map<String, Double> retention,
        long parked,
        long putAside) {
    private static final TimedHttp HTTP = new TimedHttp(Duration.ofSeconds(3));

    ServiceReport {
        lag = Map.copyOf(lag);
        retention = Map.copyOf(retention);
    }

    /// Asks a service; empty if it does not answer.
    static Optional<ServiceReport> of(String name, String address) {
        try {
            JsonNode health = Json.parse(get(address + "/health"));
            Meters meters = Meters.parse(get(address + "/metrics"));
            return Optional.of(new ServiceReport(
                    name,
                    health,
                    meters.byLabel("firn_input_lag_seconds", "topic"),
                    meters.byLabel("firn_input_retention_seconds", "topic"),
                    Math.round(meters.sum("firn_retrieval_parked") - meters.sum("firn_retrieval_parked", "DUPLICATE")),
                    Math.round(meters.sum("firn_registry_views_undecoded"))));
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static String get(String url) throws IOException, InterruptedException {
        return HTTP.get(URI.create(url)).body();
    }

    String state() {
        return health.path("state").asText("?");
    }

    boolean isReady() {
        return health.path("status").asText("").equals("UP");
    }

    /// The neighbours that are away, each with its reason.
    List<String> away() {
        return StreamSupport.stream(health.path("neighbours").spliterator(), false)
                .filter(neighbour -> neighbour.path("status").asText().equals("DOWN"))
                .map(neighbour -> "%s since %s: %s"
                        .formatted(
                                neighbour.path("name").asText(),
                                neighbour.path("since").asText(),
                                neighbour.path("reason").asText()))
                .toList();
    }

    /// The longest wait, and the topic in which it is nearest to the end of its retention.
    String oldestRequest() {
        if (lag.isEmpty()) {
            return "?";
        }
        return lag.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .max(Map.Entry.comparingByValue())
                .map(entry -> "%s of %s in %s"
                        .formatted(
                                time(entry.getValue()),
                                time(retention.getOrDefault(entry.getKey(), 0.0)),
                                entry.getKey()))
                .orElse("none");
    }

    private static String time(double seconds) {
        return Times.format(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    ObjectNode json() {
        ObjectNode json = Json.object().put("name", name).put("state", state()).put("ready", isReady());
        ArrayNode neighbours = json.putArray("neighbours_away");
        away().forEach(neighbours::add);
        ObjectNode lags = json.putObject("oldest_request_seconds");
        new TreeMap<>(lag).forEach(lags::put);
        return json.put("parked", parked).put("put_aside", putAside);
    }
}
