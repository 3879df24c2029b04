package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/// Checks that `docs/cli.md` is the help of the commands. With `-Dfirn.docs.write=true` it writes the page.
final class CommandReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "cli.md");
    private static final int WIDTH = 110;

    @Test
    void matchesTheHelpOfTheCommands() throws IOException {
        String reference = reference();
        if (Boolean.getBoolean("firn.docs.write")) {
            Files.writeString(PAGE, reference);
        }
        assertThat(PAGE)
                .as("to write it: mvn -pl cli -am test -Dtest=CommandReferenceTest -Dfirn.docs.write=true")
                .hasContent(reference);
    }

    /// picocli breaks lines after any full stop, even within `./firn`.
    @Test
    void neverBreaksACommand() {
        assertThat(Pattern.compile(".*\\.\\s+/firn.*")
                        .matcher(reference())
                        .results()
                        .map(MatchResult::group))
                .isEmpty();
    }

    @Test
    void describesEveryCommandAndOption() {
        CommandLine root = commandLine();
        assertThat(root.getSubcommands().values()).allSatisfy(command -> {
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(command.getCommandName())
                    .isNotEmpty();
            assertThat(command.getCommandSpec().options())
                    .allSatisfy(option -> assertThat(option.description())
                            .as(command.getCommandName() + " " + option.longestName())
                            .isNotEmpty());
        });
    }

    private static CommandLine commandLine() {
        return FirnCommand.commandLine(CommandRun.context(Map.of()));
    }

    private static String reference() {
        StringBuilder page = new StringBuilder("""
                # Command line

                Generated from the commands' help by `CommandReferenceTest`. `./firn COMMAND --help` prints the same.
                Answers go to standard output, everything else to standard error. For completion in bash and zsh, run
                `source <(./firn completion)`.
                """);
        append(page, commandLine(), 2);
        return page.toString();
    }

    private static void append(StringBuilder page, CommandLine command, int level) {
        command.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
        page.append("%n%s %s%n%n```%n%s```%n"
                .formatted(
                        "#".repeat(level),
                        command.getCommandSpec().qualifiedName(),
                        command.getUsageMessage(Ansi.OFF).replaceAll("(?m)[ ]+$", "")));
        command.getSubcommands().values().stream()
                .filter(child -> !child.getCommandName().equals("help"))
                .forEach(child -> append(page, child, 3));
    }
}
