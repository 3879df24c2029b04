package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What `docs/faults.md` names exists, and it leaves out no scenario.
final class FaultsPageTest {
    private static final Path HOME = Path.of(System.getProperty("firn.home", ".."));
    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z]\\w+(?:Test|IT))(?:\\.(\\w+))?`");

    private static String page() throws IOException {
        return Files.readString(HOME.resolve("docs/faults.md"));
    }

    @Test
    void hasARowForEachScenario() throws IOException {
        List<String> rows = page().lines().filter(line -> line.startsWith("| ")).toList();
        for (Scenario scenario : ChaosIT.SCENARIOS) {
            assertThat(rows)
                    .as(scenario.getClass().getSimpleName())
                    .filteredOn(row -> row.startsWith("| %s | `%s` |"
                            .formatted(scenario.fault(), scenario.getClass().getSimpleName())))
                    .hasSize(1);
        }
    }

    @Test
    void namesTestsThatExist() throws IOException {
        Map<String, String> sources = sources();
        List<MatchResult> tests = NAMED_TEST.matcher(page()).results().toList();
        assertThat(tests).hasSizeGreaterThan(50);
        assertThat(tests).allSatisfy(test -> {
            assertThat(sources).containsKey(test.group(1));
            if (test.group(2) != null) {
                assertThat(sources.get(test.group(1))).contains(" void " + test.group(2) + "(");
            }
        });
    }

    @Test
    void saysOfEachWeaknessWhatShowsIt() throws IOException {
        List<String> ids = page().lines()
                .filter(line -> line.matches("\\| [ABCD]\\d+ \\| .+ \\| .*`.+` \\|"))
                .map(line -> line.substring(2, line.indexOf(' ', 2)))
                .toList();
        assertThat(ids).doesNotHaveDuplicates().hasSize(15 + 10 + 13 + 8);
    }

    /// The text of each test, by its class; of classes with one name, all texts.
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> modules = Files.list(HOME)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        sources.merge(name, Files.readString(file), String::concat);
                    }
                }
            }
        }
        return sources;
    }
}
