package dev.firn.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/// The health of a service, as `/health` shows it. Thread-safe.
///
/// **Live** is false when a restart would help. **Ready** means that the service can work now: it runs, and no
/// neighbour that all its work needs is away. See [Neighbours].
///
/// ```
/// {"status": "UP" or "DOWN", "state": "RUNNING", "neighbours": [
///   {"name": "trino", "status": "DOWN", "since": "2026-03-01T00:00:00Z", "reason": "connection refused"}],
///  "details": {"views-last-read": "2026-03-01T00:00:00Z"}}
/// ```
public final class Health {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Neighbours neighbours;
    private volatile Probe probe = new Probe() {
        @Override
        public boolean isLive() {
            return true;
        }

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public String state() {
            return "STARTING";
        }
    };

    public Health(Neighbours neighbours) {
        this.neighbours = neighbours;
    }

    /// How a started service describes itself.
    public interface Probe {
        boolean isLive();

        boolean isReady();

        /// One word, for people.
        String state();

        /// More that an operator wants to see, by name.
        default Map<String, String> details() {
            return Map.of();
        }
    }

    /// The service has started. Until then it is `STARTING`: live, but not ready.
    public void started(Probe running) {
        probe = running;
    }

    boolean isLive() {
        return probe.isLive();
    }

    boolean isReady() {
        return probe.isReady() && neighbours.allowWork();
    }

    String json(boolean up) {
        ObjectNode json = JSON.objectNode();
        json.put("status", up ? "UP" : "DOWN");
        json.put("state", probe.state());
        ArrayNode list = json.putArray("neighbours");
        for (Neighbour neighbour : neighbours.all()) {
            ObjectNode entry = list.addObject().put("name", neighbour.name());
            neighbour
                    .absence()
                    .ifPresentOrElse(
                            absence -> entry.put("status", "DOWN")
                                    .put("since", absence.since().toString())
                                    .put("reason", absence.reason()),
                            () -> entry.put("status", "UP"));
        }
        Map<String, String> details = new TreeMap<>(probe.details());
        if (!details.isEmpty()) {
            ObjectNode named = json.putObject("details");
            details.forEach(named::put);
        }
        return json.toString();
    }
}
