package dev.firn.cli.render;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/// Where a command writes: answers to standard output, everything said on the way to standard error, so that a pipe
/// sees answers only.
///
/// Not thread-safe.
public final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean interactive;

    /// @param interactive whether a person watches standard error: lines may then be redrawn and coloured
    public Console(PrintWriter out, PrintWriter err, boolean interactive) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
    }

    /// The console of this process.
    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25 where nobody watches
    public static Console ofProcess(PrintWriter out, PrintWriter err) {
        java.io.Console terminal = System.console();
        return new Console(out, err, terminal != null && terminal.isTerminal());
    }

    public boolean isInteractive() {
        return interactive;
    }

    /// A line of the answer.
    public void answer(String line) {
        out.println(line);
        out.flush();
    }

    /// The answer as JSON.
    public void answer(JsonNode json) {
        answer(Json.pretty(json));
    }

    /// A line said on the way.
    public void note(String line) {
        err.println(line);
        err.flush();
    }

    /// Draws over the current line; only when [#isInteractive()].
    void redraw(String line) {
        err.print("\r\u001B[2K" + line);
        err.flush();
    }
}
