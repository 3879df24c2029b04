package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.render.Console;
import dev.firn.lake.storage.ProcessFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Starts the `firn` command.
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        prepareProcess();
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandContext context = CommandContext.ofProcess(Console.ofProcess(out, err));
        int exitCode =
                FirnCommand.commandLine(context, args).setOut(out).setErr(err).execute(args);
        out.flush();
        System.exit(exitCode);
    }

    /// What each process of the command does first.
    static void prepareProcess() throws IOException {
        // what programs read has numbers, which some locales write in other digits
        Locale.setDefault(Locale.ROOT);
        CommandLogging.choose();
        ProcessFolder.forThisProcess();
    }
}
