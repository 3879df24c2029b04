package dev.firn.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReloadedFileTest {
    private static final FileTime LATER = FileTime.from(Instant.parse("2030-01-01T00:00:00Z"));

    @Test
    void whatCouldNotBeReadIsTriedAgain(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "1");
        ReloadedFile<Integer> reloaded = new ReloadedFile<>(file, Integer::valueOf);

        write(file, "half of it");
        assertThat(reloaded.get()).isEqualTo(1);

        write(file, "2");
        assertThat(reloaded.get()).isEqualTo(2);
    }

    /// Both changes within one tick of the file system's clock.
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, LATER);
    }
}
