package dev.firn.cli.stack;

import dev.firn.cli.command.Times;
import dev.firn.cli.render.Console;
import dev.firn.embedded.Part;
import dev.firn.embedded.StackListener;
import java.time.Duration;

/// Tells people which part of the stack is ready, and which one died and is started again.
record StackNotes(Console console) implements StackListener {
    private static final String READY = " is ready after ";
    private static final String WAITED_FOR = " is not ready yet: ";

    @Override
    public void isReady(Part part, Duration after) {
        console.note("  %s%s%s".formatted(part.name(), READY, Times.format(after)));
    }

    @Override
    public void isWaitedFor(Part part, String why) {
        console.note("  %s%s%s".formatted(part.name(), WAITED_FOR, why));
    }

    /// Whether a line of `firn up` says how far the start is.
    static boolean isProgress(String line) {
        return line.contains(READY) || line.contains(WAITED_FOR) || line.startsWith("Starting ");
    }

    @Override
    public void exited(Part part, int exitCode, Duration pause) {
        console.note("firn: %s ended with exit code %d; starting it again in %s. Its log: %s"
                .formatted(part.name(), exitCode, Times.format(pause), part.log()));
    }

    @Override
    public void isBack(Part part) {
        console.note("firn: %s is running again, as process %d".formatted(part.name(), part.pid()));
    }
}
