package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
import java.util.Optional;

/// A part that was started, as the state file records it.
///
/// @param startedAtMillis tells the process from a later one with the same pid
/// @param log the file with its output
/// @param folder its data
public record Part(
        String name,
        String address,
        long pid,
        long startedAtMillis,
        String log,
        String folder,
        HealthProbe probe,
        Map<String, String> credentials) {
    /// Linux reports start times in steps of ten milliseconds from boot, and a clock adjustment moves the boot time.
    private static final long START_TOLERANCE_MILLIS = 2_000;

    public Part {
        credentials = Map.copyOf(credentials);
    }

    /// The process, if it is still running.
    Optional<ProcessHandle> process() {
        return running(pid, startedAtMillis);
    }

    @JsonIgnore
    public boolean isAlive() {
        return process().isPresent();
    }

    static Optional<ProcessHandle> running(long pid, long startedAtMillis) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> Math.abs(startMillis(process) - startedAtMillis) <= START_TOLERANCE_MILLIS);
    }

    static long startMillis(ProcessHandle process) {
        return process.info().startInstant().orElseThrow().toEpochMilli();
    }

    @Override
    public String toString() {
        return "%s %s (pid %d)".formatted(name, address, pid);
    }
}
