package dev.firn.cli.stack;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Times;
import dev.firn.cli.render.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Starts `firn up` as a process that outlives this one, and waits until the stack is ready.
public final class DetachedUp {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(4);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    private static final int LOG_TAIL_LINES = 20;

    /// By name: this package must not depend on the one that contains all commands.
    private static final String MAIN_CLASS = "dev.firn.cli.Main";

    private final CommandContext context;
    private final Path folder;

    public DetachedUp(CommandContext context, Path folder) {
        this.context = context;
        this.folder = folder;
    }

    public void start(List<String> arguments) {
        Console console = context.console();
        Path log = folder.resolve("logs").resolve("up.log");
        try {
            Files.createDirectories(log.getParent());
            console.note("Starting the stack in %s (log: %s) …".formatted(folder, log));
            long started = System.nanoTime();
            Process process = new ProcessBuilder(command(arguments))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            awaitReady(process, log);
            console.note("Ready after %s. Stop it with ./firn down"
                    .formatted(Times.format(Duration.ofNanos(System.nanoTime() - started))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.notReachable("Interrupted while starting the stack", e);
        }
    }

    private void awaitReady(Process process, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        int shown = 0;
        while (Supervisor.running(folder)
                .filter(supervisor -> supervisor.pid() == process.pid())
                .isEmpty()) {
            shown = showProgress(log, shown);
            if (process.waitFor(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw CommandFailure.notReachable(
                        "The stack did not start (exit code %d). Last lines of %s:%n%s"
                                .formatted(process.exitValue(), log, tail(log)),
                        null);
            }
            if (System.nanoTime() > deadline) {
                process.destroy();
                throw CommandFailure.notReachable(
                        "The stack was not ready within %s. Last lines of %s:%n%s"
                                .formatted(Times.format(START_TIMEOUT), log, tail(log)),
                        null);
            }
        }
        showProgress(log, shown);
    }

    /// Shows what the process says of its start, beyond the lines that were shown before.
    ///
    /// @return how many lines there are; the last one may be incomplete, so it waits for the next call
    private int showProgress(Path log, int shown) throws IOException {
        String text = Files.readString(log);
        List<String> lines =
                text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        lines.stream().skip(shown).filter(StackNotes::isProgress).forEach(context.console()::note);
        return lines.size();
    }

    /// The same JVM with the same options. With `nohup` it survives the end of the terminal.
    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("nohup");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(MAIN_CLASS);
        command.addAll(arguments);
        return command;
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    }
}
