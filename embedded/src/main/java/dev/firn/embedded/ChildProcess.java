package dev.firn.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A child process, which may be started again after it has died. It exits when this process closes the pipe to it or
/// dies.
final class ChildProcess {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    /// How often people who wait for a part are told why.
    private static final Duration NOTE_INTERVAL = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(50);
    private static final int LAST_LINES = 20;
    private static final int MAX_TAIL_BYTES = 64 << 10;
    private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR", "TZ");

    private final ProcessSpec spec;
    private final Path log;
    private volatile Run run;

    private record Run(Process process, Part state) {}

    private ChildProcess(ProcessSpec spec, Path log) {
        this.spec = spec;
        this.log = log;
        this.run = launch(spec, log);
    }

    static ChildProcess start(ProcessSpec spec, Path logs) {
        return new ChildProcess(spec, logs.resolve(spec.name() + ".log"));
    }

    /// Starts the process again. The one before must have exited.
    void startAgain() {
        run = launch(spec, log);
    }

    /// What an earlier process left in its temporary folder, such as unpacked native libraries, is deleted first.
    private static Run launch(ProcessSpec spec, Path log) {
        Path temporary = log.toAbsolutePath().resolveSibling("tmp").resolve(spec.name());
        ProcessBuilder builder = new ProcessBuilder(command(spec, temporary))
                .directory(spec.workingFolder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(INHERITED);
        environment.putAll(spec.environment());
        try {
            DataFiles.deleteTree(temporary);
            Files.createDirectories(temporary);
            Files.createDirectories(spec.workingFolder());
            Process process = builder.start();
            return new Run(
                    process,
                    new Part(
                            spec.name(),
                            spec.address(),
                            process.pid(),
                            ProcessStart.of(process.toHandle()),
                            log.toString(),
                            spec.workingFolder().toString(),
                            spec.readiness(),
                            spec.credentials()));
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.PART_FAILED, "[%s] cannot start the process".formatted(spec.name()), e);
        }
    }

    private static List<String> command(ProcessSpec spec, Path temporary) {
        List<String> classPath = new ArrayList<>(spec.classPath());
        classPath.add(supervisor().toString());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(spec.jvmArguments());
        command.add("-cp");
        command.add(String.join(File.pathSeparator, classPath));
        command.add("dev.firn.embedded.child.Supervised");
        command.add(spec.mainClass());
        command.addAll(spec.arguments());
        return command;
    }

    private static Path supervisor() {
        try {
            return Path.of(ChildProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    Part state() {
        return run.state();
    }

    Process process() {
        return run.process();
    }

    /// A condition to wait for. An `IOException` means "not yet".
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    void awaitReady(StackListener listener) {
        long[] nextNote = {System.nanoTime() + NOTE_INTERVAL.toNanos()};
        await("to be ready", () -> {
            String fault = spec.readiness().fault();
            if (!fault.isEmpty() && System.nanoTime() > nextNote[0]) {
                listener.isWaitedFor(state(), fault);
                nextNote[0] = System.nanoTime() + NOTE_INTERVAL.toNanos();
            }
            return fault.isEmpty();
        });
    }

    /// Returns when the condition holds and the process is alive; throws if the process exits or the limit passes.
    void await(String what, Condition condition) {
        Process process = process();
        long deadline = System.nanoTime() + spec.startLimit().toNanos();
        try {
            while (!holds(condition) || !process.isAlive()) {
                if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw failed("exited with code %d".formatted(process.exitValue()));
                }
                if (System.nanoTime() > deadline) {
                    throw failed("waited %s without success for it %s".formatted(spec.startLimit(), what));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted during its start");
        }
    }

    private static boolean holds(Condition condition) throws InterruptedException {
        try {
            return condition.holds();
        } catch (IOException e) {
            return false;
        }
    }

    StackException failed(String what) {
        return new StackException(
                StackException.Code.PART_FAILED,
                "[%s] %s; the last lines of its log %s:%n%s".formatted(spec.name(), what, log, lastLines()));
    }

    private String lastLines() {
        try (var file = Files.newByteChannel(log)) {
            file.position(Math.max(0, file.size() - MAX_TAIL_BYTES));
            var bytes = ByteBuffer.allocate(MAX_TAIL_BYTES);
            while (file.read(bytes) > 0) {}
            List<String> lines = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return "  | "
                    + String.join(
                            "%n  | ".formatted(), lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "(cannot read the log: %s)".formatted(e.getMessage());
        }
    }

    /// Asks the process to stop; [#awaitStopped] waits for it.
    void askToStop() {
        try {
            process().getOutputStream().close();
        } catch (IOException e) {
            // it has already exited
        }
    }

    void awaitStopped() {
        Process process = process();
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for a process that a crashed run left behind, and kills it at the limit. It should be exiting already,
    /// because the pipe to its parent is broken.
    static void reap(Part left) {
        left.process().ifPresent(process -> {
            if (!exits(process, STOP_LIMIT)) {
                process.destroyForcibly();
                exits(process, KILL_LIMIT);
            }
        });
    }

    private static boolean exits(ProcessHandle process, Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException(e.getCause()));
        }
    }
}
