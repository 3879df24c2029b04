package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.render.Console;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;

/// Runs commands as a script would and captures their output.
final class CommandRun {
    private final Map<String, String> environment;
    private final Map<String, String> properties;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private String in = "";

    CommandRun() {
        this(Map.of(), Map.of());
    }

    CommandRun(Map<String, String> environment, Map<String, String> properties) {
        this.environment = environment;
        this.properties = properties;
    }

    CommandRun in(String text) {
        in = text;
        return this;
    }

    int execute(String... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        PrintWriter outWriter = new PrintWriter(out);
        PrintWriter errWriter = new PrintWriter(err);
        CommandContext context = new CommandContext(
                new Console(outWriter, errWriter, false),
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                environment,
                properties,
                Clock.systemUTC());
        return FirnCommand.commandLine(context, arguments)
                .setOut(outWriter)
                .setErr(errWriter)
                .execute(arguments);
    }

    /// A context that prints nothing, for parsing only.
    static CommandContext context(Map<String, String> environment) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return new CommandContext(
                new Console(nowhere, nowhere, false),
                InputStream.nullInputStream(),
                environment,
                Map.of(),
                Clock.systemUTC());
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }
}
