package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every meter of both services stands in docs/operations.md, and nothing else does. Read from the sources, because
/// some meters exist only once something has happened.
final class MetersAreDocumentedTest {
    private static final Path HOME = Path.of(System.getProperty("firn.home", ".."));
    private static final List<String> MODULES =
            List.of("lake", "service", "registration-service", "retrieval-worker", "gateway");
    private static final Pattern REGISTERED = Pattern.compile(
            "(?:(?:Gauge|Counter|Timer|TimeGauge|DistributionSummary|FunctionCounter|FunctionTimer|LongTaskTimer)\\s*\\.builder|metrics\\.(?:counter|gauge|timer|summary))\\(\\s*([^,)\\s]+)");
    private static final Pattern LITERAL = Pattern.compile("\"(firn(?:\\.[a-z0-9]+)+)\"");
    private static final Pattern DOCUMENTED = Pattern.compile("`(firn_[a-z0-9_]+)");

    /// Its methods take the names, so each literal in it is one.
    private static final String TAKES_NAMES = "class RegistryMeters ";

    @Test
    void everyMeterIsDocumented() throws IOException {
        assertThat(documented()).containsExactlyElementsOf(registered());
    }

    @Test
    void everyMeterIsNamedByALiteral() {
        assertThat(names()).isNotEmpty().allMatch(name -> LITERAL.matcher(name).matches());
    }

    private static Set<String> registered() {
        Set<String> meters = new TreeSet<>();
        for (String name : names()) {
            Matcher literal = LITERAL.matcher(name);
            if (literal.matches()) {
                meters.add(literal.group(1).replace('.', '_'));
            }
        }
        return meters;
    }

    /// Prometheus adds the unit to the name of a timer, and `_total` to that of a counter.
    private static Set<String> documented() throws IOException {
        Set<String> meters = new TreeSet<>();
        String page = Files.readString(HOME.resolve("docs/operations.md"));
        String table = page.substring(page.indexOf("\n## Metrics\n"));
        Set<String> registered = registered();
        table.substring(0, table.indexOf("\n## ", 1))
                .lines()
                .map(line -> line.split("\\|", -1))
                .filter(cells -> cells.length > 2)
                .flatMap(cells -> DOCUMENTED.matcher(cells[2]).results())
                .map(match -> match.group(1))
                .map(name -> registered.contains(name) ? name : name.replaceAll("_(seconds|total)$", ""))
                .forEach(meters::add);
        return meters;
    }

    private static List<String> names() {
        return MODULES.stream()
                .flatMap(module -> sources(HOME.resolve(module).resolve("src/main/java")))
                .flatMap(MetersAreDocumentedTest::names)
                .toList();
    }

    private static Stream<String> names(String source) {
        return source.contains(TAKES_NAMES)
                ? LITERAL.matcher(source).results().map(MatchResult::group)
                : REGISTERED.matcher(source).results().map(match -> match.group(1));
    }

    private static Stream<String> sources(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(MetersAreDocumentedTest::read)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
