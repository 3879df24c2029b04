package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappingClassesTest {
    /// SmallRye looks for these names.
    @Test
    void writesTheClassThatImplementsTheSettings(@TempDir Path folder) throws IOException {
        MappingClasses.write(folder);
        String name = Settings.load(Map.of(), Map.of()).getClass().getName();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, null)) {
            assertThat(loader.getResource(name.replace('.', '/') + ".class")).isNotNull();
        }
        assertThat(files(folder)).hasSizeGreaterThan(10);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
