package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LakeCodeTest {
    /// A code that no fast test of this module names is a promise that nothing checks.
    @Test
    void everyCodeIsAssertedByATest() throws IOException {
        String tests = sources();
        List<String> unasserted = Arrays.stream(LakeCode.values())
                .map(LakeCode::name)
                .filter(code -> !tests.contains("\"" + code + "\""))
                .toList();
        assertThat(unasserted).isEmpty();
    }

    private static String sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            return files.filter(file -> file.toString().endsWith("Test.java"))
                    .map(LakeCodeTest::read)
                    .collect(Collectors.joining());
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
