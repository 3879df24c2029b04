package dev.firn.gateway.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What a chart shows, as the pages' script takes it. Every chart has a table with the same figures beside it.
///
/// @param json `{"kind": "time" | "quantiles", "x": [seconds or percent, …], "series": [{"name", "y": [seconds,
///     …]}, …]}`
/// @param points how many there are
public record Chart(String json, int points) {
    private static final double NANOS = 1e9;
    private static final double MICROS = 1e6;

    /// Durations over time.
    static Chart timeline(String name, List<Instant> times, List<Duration> durations) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("kind", "time");
        ArrayNode x = json.putArray("x");
        times.forEach(time -> x.add(time.toEpochMilli() / 1e3));
        ArrayNode y = json.putArray("series").addObject().put("name", name).putArray("y");
        durations.forEach(duration -> y.add(duration.toNanos() / NANOS));
        return new Chart(json.toString(), times.size());
    }

    /// Durations by quantile, a line for each name.
    ///
    /// @param quantiles names such as `p50`
    /// @param micros for each name its durations by quantile, in microseconds
    static Chart quantiles(List<String> quantiles, Map<String, Map<String, Long>> micros) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("kind", "quantiles");
        ArrayNode x = json.putArray("x");
        quantiles.forEach(quantile -> x.add(Integer.parseInt(quantile.substring(1))));
        ArrayNode series = json.putArray("series");
        micros.forEach((name, durations) -> {
            ArrayNode y = series.addObject().put("name", name).putArray("y");
            quantiles.forEach(quantile -> {
                Long duration = durations.get(quantile);
                if (duration == null) {
                    y.addNull();
                } else {
                    y.add(duration / MICROS);
                }
            });
        });
        return new Chart(json.toString(), micros.size());
    }
}
