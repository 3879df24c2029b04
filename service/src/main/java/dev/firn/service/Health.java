package dev.firn.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The health of a service, as `/health` shows it. Thread-safe.
///
/// **Live** means that a restart would not help. **Ready** means that the service can work now. A neighbour
/// that is away is named, but does not change the status: the service waits for it.
///
/// ```
/// {"status": "UP" or "DOWN", "state": "RUNNING", "neighbours": [
///   {"name": "trino", "status": "DOWN", "since": "2026-03-01T00:00:00Z", "reason": "connection refused"}],
///  "details": {"views-last-read": "2026-03-01T00:00:00Z"}}
/// ```
public final class Health {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private volatile List<Neighbour> neighbours;
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

    public Health(List<Neighbour> neighbours) {
        this.neighbours = List.copyOf(neighbours);
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
    ///
    /// @param watched the neighbours that are still asked, so that their state is not of the start only
    public void started(Probe running, List<Neighbour> watched) {
        neighbours = List.copyOf(watched);
        probe = running;
    }

    boolean isLive() {
        return probe.isLive();
    }

    boolean isReady() {
        return probe.isReady();
    }

    String json(boolean up) {
        ObjectNode json = JSON.objectNode();
        json.put("status", up ? "UP" : "DOWN");
        json.put("state", probe.state());
        ArrayNode list = json.putArray("neighbours");
        for (Neighbour neighbour : neighbours) {
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
