package dev.firn.cli.demo;

import dev.firn.cli.command.Times;
import dev.firn.cli.render.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Tells what happens step by step, with times, and keeps what did not hold.
final class Story {
    private static final int TITLE_WIDTH = 76;

    private final Console console;
    private final long started = System.nanoTime();
    private final List<String> failed = new ArrayList<>();
    private int steps;

    Story(Console console) {
        this.console = console;
    }

    /// Something that may fail.
    interface Step<T> {
        T run();
    }

    <T> T step(String title, Step<T> step) {
        steps++;
        console.answer("");
        console.answer("%2d. %s".formatted(steps, title));
        long start = System.nanoTime();
        T result = step.run();
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

    /// Says whether something holds that must.
    void check(boolean holds, String what) {
        say((holds ? "✓ " : "✗ ") + what);
        if (!holds) {
            failed.add("step %d: %s".formatted(steps, what));
        }
    }

    List<String> failedChecks() {
        return List.copyOf(failed);
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
