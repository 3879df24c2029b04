package dev.firn.cli.render;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.IntSupplier;

/// Where a command writes: answers to standard output, everything else to standard error, so that a pipe sees only
/// answers.
///
/// Not thread-safe.
public final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive;
    private final IntSupplier width;

    /// @param interactive whether standard error is a terminal, so that lines may be redrawn
    public Console(PrintWriter out, PrintWriter err, boolean interactive) {
        this(out, err, interactive, () -> Integer.MAX_VALUE);
    }

    /// @param width how many columns a line of an answer may have; asked for only when it matters
    public Console(PrintWriter out, PrintWriter err, boolean interactive, IntSupplier width) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.width = width;
    }

    /// The console of this process.
    @SuppressWarnings("SystemConsoleNull") // null again since JDK 25 if there is no terminal
    public static Console ofProcess(PrintWriter out, PrintWriter err) {
        java.io.Console terminal = System.console();
        if (terminal == null || !terminal.isTerminal()) {
            return new Console(out, err, false);
        }
        Map<String, String> environment = System.getenv();
        int[] columns = {0};
        return new Console(out, err, Terminal.canRedraw(environment), () -> {
            if (columns[0] == 0) { // asking starts a process
                columns[0] = Terminal.columns(environment).orElse(Integer.MAX_VALUE);
            }
            return columns[0];
        });
    }

    boolean isInteractive() {
        return interactive;
    }

    /// Prints a line of the answer.
    public void answer(String line) {
        out.println(line);
        out.flush();
    }

    /// Prints the answer as JSON.
    public void answer(JsonNode json) {
        answer(Json.pretty(json));
    }

    /// Prints a table, on a terminal as wide as that.
    public void answer(TextTable table) {
        table.lines(width.getAsInt()).forEach(this::answer);
    }

    /// Prints a line that is not part of the answer.
    public void note(String line) {
        err.println(line);
        err.flush();
    }

    /// Replaces the current line, cut to the terminal: one that breaks could not be replaced. Only if
    /// [#isInteractive()].
    void redraw(String line) {
        err.print("\r\u001B[2K" + line.substring(0, Math.min(line.length(), width.getAsInt() - 1)));
        err.flush();
    }
}
