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

/// A running child process. It exits when this process closes the pipe to it or dies.
final class ChildProcess {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int LAST_LINES = 20;
    private static final int MAX_TAIL_BYTES = 64 << 10;
    private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR", "TZ");

    private final ProcessSpec spec;
    private final Process process;
    private final Path log;
    private final Part state;

    private ChildProcess(ProcessSpec spec, Process process, Path log) {
        this.spec = spec;
        this.process = process;
        this.log = log;
        this.state = new Part(
                spec.name(),
                spec.address(),
                process.pid(),
                Part.startMillis(process.toHandle()),
                log.toString(),
                spec.workingFolder().toString(),
                spec.readiness(),
                spec.credentials());
    }

    static ChildProcess start(ProcessSpec spec, Path logs) {
        Path log = logs.resolve(spec.name() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(spec))
                .directory(spec.workingFolder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(INHERITED);
        environment.putAll(spec.environment());
        try {
            Files.createDirectories(logs);
            Files.createDirectories(spec.workingFolder());
            return new ChildProcess(spec, builder.start(), log);
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.PART_FAILED, "[%s] cannot start the process".formatted(spec.name()), e);
        }
    }

    private static List<String> command(ProcessSpec spec) {
        List<String> classPath = new ArrayList<>(spec.classPath());
        classPath.add(supervisor().toString());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
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
        return state;
    }

    Process process() {
        return process;
    }

    /// A condition to wait for. An `IOException` means "not yet".
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    void awaitReady() {
        await("to be ready", spec.readiness()::answers);
    }

    /// Returns when the condition holds and the process is alive; throws if the process exits or the limit passes.
    void await(String what, Condition condition) {
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
            process.getOutputStream().close();
        } catch (IOException e) {
            // it has already exited
        }
    }

    void awaitStopped() {
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
