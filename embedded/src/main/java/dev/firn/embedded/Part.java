package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
import java.util.Optional;

/// A part that was started, as the state file records it.
///
/// @param start of the process ([ProcessStart])
/// @param log the file with its output
/// @param folder its data
public record Part(
        String name,
        String address,
        long pid,
        long start,
        String log,
        String folder,
        HealthProbe probe,
        Map<String, String> credentials) {
    public Part {
        credentials = Map.copyOf(credentials);
    }

    /// The process, if it is still running.
    Optional<ProcessHandle> process() {
        return ProcessStart.running(pid, start);
    }

    @JsonIgnore
    public boolean isAlive() {
        return process().isPresent();
    }

    @Override
    public String toString() {
        return "%s %s (pid %d)".formatted(name, address, pid);
    }
}
