package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Checks that `docs/configuration.md` documents the settings as declared. With `-Dfirn.docs.write=true`, it writes the
/// page.
final class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+):([^}]*)}");

    @Test
    void matchesTheDeclarations() throws IOException {
        if (Boolean.getBoolean("firn.docs.write")) {
            Files.writeString(PAGE, reference());
        }
        assertThat(PAGE)
                .as("to write the page: mvn -pl config -am test -Dtest=ConfigurationReferenceTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dfirn.docs.write=true")
                .hasContent(reference());
    }

    @Test
    void documentsEverySetting() {
        assertThat(Setting.all())
                .allSatisfy(
                        setting -> assertThat(setting.doc()).as(setting.name()).isNotBlank());
    }

    private static String reference() {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Generated from `dev.firn.config.FirnConfig`; a test keeps it up to date.

                Settings are read from these sources. If several have a value, the first one wins:

                1. system properties of the JVM: `-Dfirn.trino.host=…` (the command line also has the option `-D`);
                2. environment variables, in capitals and with `_` for `.` and `-`: `FIRN_TRINO_HOST`;
                3. the properties file named by `FIRN_CONFIG`.

                An environment variable cannot express a dash or a capital letter in a name that you choose, such as the
                name of a catalog or of its property. Set `firn.catalogs.<name>.s3.access-key-id` in the file. Or declare it
                there and set its value by the variable.

                An invalid value stops a service when it starts, with a message that names the setting. Durations are
                written as `250ms`, `30s`, `5m`, `1h` or `30d`. If a default shows a variable, such as those in the next
                table, that variable is used when the setting is not set.

                ## Environment variables of the data platform

                | variable | setting | default |
                |---|---|---|
                """);
        platformVariables().forEach((variable, use) -> page.append(use));
        sections().forEach((section, settings) -> section(page, section, settings));
        return page.toString();
    }

    private static Map<String, String> platformVariables() {
        Map<String, String> rows = new TreeMap<>();
        for (Setting setting : Setting.all()) {
            Matcher variables = VARIABLE.matcher(setting.defaultValue().orElse(""));
            while (variables.find()) {
                rows.merge(
                        variables.group(1) + setting.name(),
                        "| `%s` | `%s` | %s |%n"
                                .formatted(variables.group(1), setting.name(), code(variables.group(2))),
                        (a, b) -> a);
            }
        }
        return rows;
    }

    private static Map<String, List<Setting>> sections() {
        return Setting.all().stream()
                .collect(Collectors.groupingBy(
                        setting -> setting.path().size() == 1
                                ? ""
                                : setting.path().getFirst().getName(),
                        TreeMap::new,
                        Collectors.toList()));
    }

    private static void section(StringBuilder page, String name, List<Setting> settings) {
        page.append("%n## %s%n%n".formatted(name.isEmpty() ? "Firn" : title(settings.getFirst())));
        page.append("| setting | meaning | default |%n|---|---|---|%n".formatted());
        for (Setting setting : settings) {
            page.append("| `%s`<br>`%s` | %s | %s |%n"
                    .formatted(setting.name(), setting.type(), meaning(setting), defaultOf(setting)));
        }
    }

    private static String title(Setting setting) {
        Method group = setting.path().getFirst();
        Doc doc = group.getReturnType().getAnnotation(Doc.class);
        return doc == null ? group.getName() : doc.value().replaceAll("\\.$", "");
    }

    private static String meaning(Setting setting) {
        StringBuilder meaning = new StringBuilder(setting.doc().replace("|", "\\|"));
        setting.range().ifPresent(range -> meaning.append(" ").append(bounds(setting, range)));
        if (setting.secret()) {
            meaning.append(" Secret: it is never printed.");
        }
        return meaning.toString();
    }

    private static String bounds(Setting setting, Range range) {
        String unit = setting.type().contains("Duration") ? " ms" : "";
        return range.max() == Long.MAX_VALUE
                ? "At least %d%s.".formatted(range.min(), unit)
                : "From %d to %d%s.".formatted(range.min(), range.max(), unit);
    }

    private static String defaultOf(Setting setting) {
        Optional<String> value = setting.defaultValue();
        return value.isEmpty() ? "" : code(value.get());
    }

    private static String code(String value) {
        return value.isEmpty() ? "" : "`%s`".formatted(value);
    }
}
