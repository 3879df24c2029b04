package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /// An example that has gone stale is worse than none.
    @Test
    void everyCommandHasExamplesThatParse() {
        assertThat(all(commandLine()).filter(command -> command.getParent() != null))
                .allSatisfy(command -> {
                    List<String> examples =
                            List.of(command.getCommandSpec().usageMessage().footer());
                    assertThat(examples)
                            .as(command.getCommandSpec().qualifiedName())
                            .isNotEmpty();
                    assertThat(command.getUsageMessage(Ansi.OFF)).contains("Examples:%n  ".formatted());
                    assertThat(examples).allSatisfy(example -> {
                        Matcher line = Pattern.compile("(?:\\./)?firn (.*?)( [<>].*|\\)\"?)?")
                                .matcher(example.strip().replaceFirst("^(eval \"\\$|source <)\\(", ""));
                        assertThat(line.matches()).as(example).isTrue();
                        assertThatCode(() ->
                                        commandLine().parseArgs(line.group(1).split(" ")))
                                .as(example)
                                .doesNotThrowAnyException();
                    });
                });
    }

    @Test
    void connectionOptionsComeLast() {
        assertThat(all(commandLine())
                        .filter(command -> command.getCommandSpec().optionsMap().containsKey("--stack")))
                .isNotEmpty()
                .allSatisfy(command -> {
                    String help = command.getUsageMessage(Ansi.OFF);
                    assertThat(help.indexOf("--json"))
                            .as(command.getCommandName())
                            .isBetween(1, help.indexOf("Where Firn runs:"));
                    assertThat(help.indexOf("--stack")).isGreaterThan(help.indexOf("Where Firn runs:"));
                });
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                command.getSubcommands().values().stream()
                        .filter(child -> !child.getCommandName().equals("help"))
                        .flatMap(CommandReferenceTest::all));
    }

    private static boolean isShown(CommandLine command) {
        return !command.getCommandName().equals("help")
                && !command.getCommandSpec().usageMessage().hidden();
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
                .filter(CommandReferenceTest::isShown)
                .forEach(child -> append(page, child, 3));
    }
}
