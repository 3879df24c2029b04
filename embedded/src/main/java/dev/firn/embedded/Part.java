package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
import java.util.Optional;

/// A part that was started, as the state file keeps it.
///
/// @param startedAtMillis when the process started; with the pid it names the process even when the pid is recycled
/// @param log the file that has its output
/// @param folder what it keeps lies here
public record Part(
        String name,
        String address,
        long pid,
        long startedAtMillis,
        String log,
        String folder,
        HealthProbe probe,
        Map<String, String> credentials) {
    /// Linux tells a start to ten milliseconds, counted from a boot time that a clock adjustment can move a little.
    private static final long START_TOLERANCE_MILLIS = 2_000;

    public Part {
        credentials = Map.copyOf(credentials);
    }

    /// The process, if it still runs.
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
