package dev.firn.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    private final StringWriter err = new StringWriter();

    @Test
    void drawsABarIfTheTotalIsKnown() {
        assertThat(ProgressLine.line("join", 500, 1000, "rows"))
                .isEqualTo("  join       ████████████░░░░░░░░░░░░  50 %  500 of 1,000 rows");
    }

    @Test
    void countsIfTheTotalIsUnknown() {
        assertThat(ProgressLine.line("spine", 1234, 0, "rows")).isEqualTo("  spine      1,234 rows");
    }

    /// A line that breaks leaves its first part behind.
    @Test
    void fitsTheTerminal() {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), true, () -> 20);
        try (ProgressLine progress = new ProgressLine(console)) {
            progress.show("gather customer_features", 1, 4, "rows");
        }
        assertThat(err.toString()).startsWith("\r\u001B[2K  gather customer_f").doesNotContain("customer_fe");
    }

    @Test
    void printsEachStageOnceWithoutATerminal() {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), false);
        try (ProgressLine progress = new ProgressLine(console)) {
            progress.show("plan", 1, 4, "files");
            progress.show("plan", 2, 4, "files");
            progress.show("join", 1, 4, "files");
        }
        assertThat(err.toString().lines()).containsExactly("  plan …", "  join …");
    }
}
