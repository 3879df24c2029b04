package dev.firn.cli.stack;

import dev.firn.cli.command.Times;
import dev.firn.cli.render.Console;
import dev.firn.embedded.Part;
import dev.firn.embedded.StackListener;
import java.time.Duration;

/// Tells people which part of the stack died and is started again.
record RestartNotes(Console console) implements StackListener {
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
