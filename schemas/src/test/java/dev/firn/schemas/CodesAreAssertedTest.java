package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A code is a promise to programs, so a test must provoke each one and assert it, and no code may be spelled out where
/// the catalogue does not see it.
///
/// Both rules look at the sources of all modules. A code counts as asserted where its name is in a statement of a test
/// that asserts something, or in a row of a table of expectations.
final class CodesAreAssertedTest {
    private static final Path PROJECT = Path.of(System.getProperty("firn.home", ".."));
    private static final Pattern ASSERTION = Pattern.compile("(?i)assert|expect|reject|refuse|csvsource");
    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    @Test
    void everyCodeIsAssertedBySomeTest() {
        List<String> assertions = sources("src/test/java")
                .filter(file -> !file.endsWith("CodesAreAssertedTest.java") && !file.endsWith("CodeTest.java"))
                .flatMap(file -> Arrays.stream(withoutComments(file).split(";|\\n\\s*\\n")))
                .filter(statement -> ASSERTION.matcher(statement).find())
                .toList();

        assertThat(Arrays.stream(Code.values()).filter(code -> {
                    Pattern name = Pattern.compile("(?<![A-Z_])" + code.name() + "(?![A-Z_])");
                    return assertions.stream()
                            .noneMatch(statement -> name.matcher(statement).find());
                }))
                .as("codes that no test provokes and asserts")
                .isEmpty();
    }

    @Test
    void noCodeIsAStringOutsideTheCatalogue() {
        Pattern literal = Pattern.compile("\"("
                + String.join("|", Arrays.stream(Code.values()).map(Code::name).toList()) + ")\"");

        assertThat(sources("src/main/java")
                        .flatMap(file -> literal.matcher(withoutComments(file))
                                .results()
                                .map(found -> PROJECT.relativize(file) + ": " + found.group())))
                .as("codes spelled out as strings")
                .isEmpty();
    }

    private static Stream<Path> sources(String kind) {
        try (Stream<Path> modules = Files.list(PROJECT)) {
            List<Path> files = modules.map(module -> module.resolve(kind))
                    .filter(Files::isDirectory)
                    .flatMap(CodesAreAssertedTest::javaFiles)
                    .toList();
            assertThat(files).as("Java files below %s/*/%s", PROJECT, kind).hasSizeGreaterThan(50);
            return files.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withoutComments(Path file) {
        try {
            return COMMENT.matcher(Files.readString(file)).replaceAll(" ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
