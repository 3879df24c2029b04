package dev.firn.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TerminalTest {
    @Test
    void takesTheColumnsThatTheShellExports() {
        assertThat(Terminal.columns(Map.of("COLUMNS", "132"))).contains(132);
    }

    @Test
    void redrawsNothingOnADumbTerminal() {
        assertThat(Terminal.canRedraw(Map.of("TERM", "dumb"))).isFalse();
        assertThat(Terminal.canRedraw(Map.of("TERM", "xterm"))).isTrue();
    }

    @Test
    void printsTablesAsWideAsTheTerminal() {
        StringWriter out = new StringWriter();
        Console console = new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), true, () -> 20);

        console.answer(new TextTable("name", "words").row("a", "b ".repeat(40)));

        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(20));
    }
}
