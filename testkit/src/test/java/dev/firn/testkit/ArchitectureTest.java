package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testkit.ArchRules.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchitectureTest {
    /// The testkit uses embedded, and embedded uses the S3 part, so these two cannot use the testkit: they are checked
    /// here.
    private static final Set<Module> CHECKED_HERE = Set.of(Module.TESTKIT, Module.EMBEDDED, Module.S3);

    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    @Test
    void testkitFollowsTheRules() {
        ArchRules.check(Module.TESTKIT, """
                .      ->
                oracle ->
                """);
    }

    @Test
    void embeddedFollowsTheRules() {
        ArchRules.check(Module.EMBEDDED, """
                .     ->
                child ->
                """);
    }

    @Test
    void embeddedS3FollowsTheRules() {
        ArchRules.check(Module.S3, ". ->");
    }

    @Test
    void everyModuleOfTheBuildIsDescribedAndChecksItself() throws IOException {
        List<String> folders = MODULE.matcher(
                        Files.readString(ArchRules.project().resolve("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .filter(folder ->
                        Files.isDirectory(ArchRules.project().resolve(folder).resolve("src/main/java")))
                .toList();
        assertThat(folders).contains("testkit", "engine", "cli");

        for (String folder : folders) {
            Module module = Arrays.stream(Module.values())
                    .filter(one -> one.folder().equals(folder))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("describe module '%s' in ArchRules".formatted(folder)));
            if (!CHECKED_HERE.contains(module)) {
                assertThat(tests(folder))
                        .as("an ArchitectureTest of '%s' that calls ArchRules.check", folder)
                        .anySatisfy(source -> assertThat(source).contains("ArchRules.check(Module." + module.name()));
            }
        }
    }

    private static List<String> tests(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(ArchRules.project().resolve(folder).resolve("src/test/java"))) {
            List<String> sources = new ArrayList<>();
            for (Path file :
                    files.filter(path -> path.endsWith("ArchitectureTest.java")).toList()) {
                sources.add(Files.readString(file));
            }
            return sources;
        }
    }

    @Test
    void modulesMayUseOnlyPackagesThatSomeModuleHas() {
        List<String> all = Arrays.stream(Module.values())
                .flatMap(module -> module.packages().stream())
                .toList();

        assertThat(all).doesNotHaveDuplicates();
        for (Module module : Module.values()) {
            assertThat(all).as("%s", module).containsAll(module.mayUse());
        }
    }

    @Test
    void aModuleWithoutClassesFails(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> ArchRules.production(Module.CLI, folder))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no classes of CLI");
        Files.createDirectories(folder.resolve("target/classes"));
        assertThatThrownBy(() -> ArchRules.production(Module.CLI, folder))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no classes of CLI");
    }

    @Test
    void packagesThatDifferFromTheirDescriptionFail() {
        assertThatThrownBy(() -> ArchRules.check(Module.TESTKIT, """
                .     -> oracle
                other ->
                """))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("'. -> oracle' is described but not used")
                .hasMessageContaining("package 'other' is described but has no classes")
                .hasMessageContaining("package 'oracle' is not described");
    }
}
