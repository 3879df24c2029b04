package dev.firn.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.render.Console;
import dev.firn.embedded.HealthProbe;
import dev.firn.embedded.Part;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StackNotesTest {
    private final StringWriter err = new StringWriter();
    private final StackNotes notes =
            new StackNotes(new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), false));
    private final Part part =
            new Part("trino", "http://127.0.0.1:1", 7, 0, "/trino.log", "/trino", HealthProbe.alive(), Map.of());

    /// `firn up --detach` passes on the lines that it takes for progress.
    @Test
    void sayWhichPartIsReadyAfterWhatTime() {
        notes.isReady(part, Duration.ofMillis(12_300));
        assertThat(err.toString()).isEqualToIgnoringNewLines("  trino is ready after 12.3 s");
        assertThat(StackNotes.isProgress(err.toString().stripTrailing())).isTrue();
    }

    @Test
    void sayWhatAPartWaitsFor() {
        notes.isWaitedFor(part, "waits for trino: no answer in time");
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("  trino is not ready yet: waits for trino: no answer in time");
        assertThat(StackNotes.isProgress(err.toString().stripTrailing())).isTrue();
    }

    @Test
    void takeOnlyTheStartForProgress() {
        notes.exited(part, 1, Duration.ofSeconds(1));
        assertThat(err.toString()).contains("trino ended with exit code 1");
        assertThat(StackNotes.isProgress(err.toString())).isFalse();
        assertThat(StackNotes.isProgress("Starting Firn's services …")).isTrue();
        assertThat(StackNotes.isProgress("trino     healthy  7  http://127.0.0.1:1"))
                .isFalse();
        assertThat(StackNotes.isProgress("Ready after 30.0 s. Ctrl-C stops it."))
                .isFalse();
    }
}
