package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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

    /// A newer file would make Maven build all modules again.
    @Test
    void leavesAClassAloneThatIsThereAlready(@TempDir Path folder) throws IOException {
        MappingClasses.write(folder);
        FileTime before = FileTime.fromMillis(1_000);
        List<Path> classes = files(folder);
        for (Path file : classes) {
            Files.setLastModifiedTime(file, before);
        }
        Path stale = classes.getFirst();
        Files.writeString(stale, "of an older build");

        MappingClasses.write(folder);

        assertThat(classes.subList(1, classes.size()))
                .allSatisfy(file -> assertThat(Files.getLastModifiedTime(file)).isEqualTo(before));
        assertThat(Files.size(stale)).isGreaterThan(100);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
