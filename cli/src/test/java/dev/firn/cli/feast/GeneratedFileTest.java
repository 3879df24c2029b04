package dev.firn.cli.feast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.feast.GeneratedFile.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whose file it is.
final class GeneratedFileTest {
    private Path path;

    @BeforeEach
    void name(@TempDir Path folder) {
        path = folder.resolve("views.py");
    }

    private State state(String body) throws IOException {
        return new GeneratedFile(path, body).state();
    }

    @Test
    void itsOwnFileIsRecognised() throws IOException {
        assertThat(state("a = 1\n")).isEqualTo(State.ABSENT);
        new GeneratedFile(path, "a = 1\n").write();

        assertThat(state("a = 1\n")).isEqualTo(State.CURRENT);
        assertThat(state("a = 2\n")).isEqualTo(State.OUTDATED);
        assertThat(Files.readString(path))
                .startsWith("# Written by 'firn feast init'")
                .endsWith("\na = 1\n");
        try (var files = Files.list(path.getParent())) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void aFileThatWasChangedIsForeign() throws IOException {
        new GeneratedFile(path, "a = 1\n").write();
        Files.writeString(path, Files.readString(path) + "b = 2\n");

        assertThat(state("a = 1\n")).isEqualTo(State.FOREIGN);
    }

    @Test
    void aFileOfSomebodyElseIsForeign() throws IOException {
        for (String text : new String[] {"", "a = 1\n", "# Written by 'firn feast init'", "\n"}) {
            Files.writeString(path, text);
            assertThat(state("a = 1\n")).as(text).isEqualTo(State.FOREIGN);
        }
        Files.write(path, new byte[] {(byte) 0xff, '\n'});
        assertThat(state("a = 1\n")).isEqualTo(State.FOREIGN);
    }
}
