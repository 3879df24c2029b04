package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.firn.events.RegistrationRequest;
import dev.firn.schemas.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// Every command, option and link in README exists. The gate also runs its blocks, apart from those of Trino and Spark.
final class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Path README = ROOT.resolve("README.md");
    private static final Pattern BASH = Pattern.compile("```bash\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern JSON = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)[^)]*\\)");

    static Stream<String> commands() throws IOException {
        return BASH.matcher(Files.readString(README))
                .results()
                .flatMap(block -> block.group(1).lines())
                .map(line ->
                        line.replaceAll("\\s+(#|<<|> ).*", "").replace("'", "").strip())
                .filter(line -> line.startsWith("./firn "));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void namesOnlyCommandsAndOptionsThatExist(String command) {
        CommandLine line = FirnCommand.commandLine(CommandRun.context(Map.of()));
        String[] arguments = command.substring("./firn ".length()).split("\\s+");
        assertThatCode(() -> line.parseArgs(arguments)).as(command).doesNotThrowAnyException();
    }

    @Test
    void startsWithTheDemoAndTheStack() throws IOException {
        assertThat(commands().limit(3)).containsExactly("./firn demo", "./firn up --detach", "./firn sample");
    }

    /// zsh takes no comments behind what is typed, and runs nothing if an unquoted `*` matches no file.
    @Test
    void runsInZshAsPasted() throws IOException {
        assertThat(BASH.matcher(Files.readString(README))
                        .results()
                        .flatMap(block -> block.group(1).lines()))
                .noneMatch(line -> line.matches("([^'\"]|'[^']*'|\"[^\"]*\")* # .*"));
        assertThat(BASH.matcher(Files.readString(README))
                        .results()
                        .flatMap(block -> block.group(1).lines()))
                .filteredOn(line -> line.contains("*"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).containsPattern("'[^' ]*\\*'"));
    }

    @Test
    void showsAViewThatRegisterAccepts() throws IOException {
        Matcher json = JSON.matcher(Files.readString(README));
        assertThat(json.find()).isTrue();
        RegistrationRequest request = EventJson.read(
                RegistrationRequest.class, EventJson.object(json.group(1)).put("request_id", "r1"));
        assertThat(request.getSource()).isNotNull();
        assertThat(request.getFeatures()).hasSize(2);
    }

    @Test
    void linksToExistingPages() throws IOException {
        List<String> links = LINK.matcher(Files.readString(README))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.startsWith("http"))
                .toList();
        assertThat(links)
                .isNotEmpty()
                .allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
    }

    @Test
    void showsTheCommandThatCiRuns() throws IOException {
        assertThat(ROOT.resolve(".ci/run")).isExecutable();
        assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("./firn test");
    }
}
