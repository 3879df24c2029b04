package dev.firn.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.cli.render.Json;
import dev.firn.embedded.ProcessStart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The `firn up` process that runs a stack. It writes itself to a file in the stack's folder when everything is ready.
///
/// @param start of the process ([ProcessStart])
/// @param namespace of the services that it runs; empty if it runs none
public record Supervisor(long pid, long start, String namespace) {
    private static final String FILE = "up.json";

    static Supervisor ofThisProcess(String namespace) {
        ProcessHandle self = ProcessHandle.current();
        return new Supervisor(self.pid(), ProcessStart.of(self), namespace);
    }

    /// The supervisor of a folder, if it is still running.
    public static Optional<Supervisor> running(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            JsonNode json = Json.parse(Files.readString(file));
            return Optional.of(new Supervisor(
                            json.path("pid").asLong(),
                            json.path("start").asLong(),
                            json.path("namespace").asText("")))
                    .filter(supervisor -> supervisor.process().isPresent());
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /// The namespace of the services that run in a folder; `fallback` if none do.
    static String namespaceOf(Path folder, String fallback) {
        return running(folder)
                .map(Supervisor::namespace)
                .filter(namespace -> !namespace.isEmpty())
                .orElse(fallback);
    }

    void write(Path folder) {
        try {
            Path next = folder.resolve(FILE + ".next");
            Files.writeString(
                    next,
                    Json.pretty(
                            Json.object().put("pid", pid).put("start", start).put("namespace", namespace)));
            Files.move(next, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] cannot write the file".formatted(folder.resolve(FILE)), e);
        }
    }

    /// Stops the process and waits for its end.
    ///
    /// @return whether it ended within the timeout
    public boolean stop(Duration timeout) {
        Optional<ProcessHandle> process = process();
        if (process.isEmpty()) {
            return true;
        }
        process.get().destroy();
        try {
            process.get().onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Optional<ProcessHandle> process() {
        return ProcessStart.running(pid, start);
    }
}
