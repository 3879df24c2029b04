package dev.firn.cli.demo;

import dev.firn.cli.command.Times;
import dev.firn.cli.render.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Prints the demo's steps with their times, and keeps the checks that failed.
final class Story {
    private static final int TITLE_WIDTH = 76;

    private final Console console;
    private final long started = System.nanoTime();
    private final List<String> failed = new ArrayList<>();
    private int steps;

    Story(Console console) {
        this.console = console;
    }

    void step(String title, Runnable step) {
        step(title, () -> {
            step.run();
            return title;
        });
    }

    <T> T step(String title, Supplier<T> step) {
        steps++;
        console.answer("");
        console.answer("%2d. %s".formatted(steps, title));
        long start = System.nanoTime();
        T result = step.get();
        console.answer("    %s %s"
                .formatted(
                        ".".repeat(Math.max(3, TITLE_WIDTH - 12)),
                        Times.format(Duration.ofNanos(System.nanoTime() - start))));
        return result;
    }

    void say(String line) {
        console.answer(line.isEmpty() ? "" : "    " + line);
    }

    void say(List<String> lines) {
        lines.forEach(this::say);
    }

    /// Prints whether a check passed, and keeps it if it failed.
    void check(boolean passed, String description) {
        say((passed ? "✓ " : "✗ ") + description);
        if (!passed) {
            failed.add("step %d: %s".formatted(steps, description));
        }
    }

    List<String> failedChecks() {
        return List.copyOf(failed);
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
