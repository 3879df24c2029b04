package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.cli.command.CommandFailure;
import dev.firn.lake.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadsTest {
    private final Storage storage = Storage.open(Map.of());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        storage.close();
    }

    /// Pins hold the spine's location and ETag: a copy of the file under another name is still the same spine.
    @Test
    void theSameContentIsTheSameSpine() throws IOException {
        Path first = Files.writeString(folder.resolve("first.csv"), "id\n7\n");
        Path copy = Files.writeString(folder.resolve("copy.csv"), "id\n7\n");
        Path other = Files.writeString(folder.resolve("other.csv"), "id\n8\n");

        String location = uploads().put(first);

        assertThat(uploads().put(copy)).isEqualTo(location);
        assertThat(uploads().put(other)).isNotEqualTo(location);
        assertThat(new String(storage.read(location, 100), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("id\n7\n");
    }

    @Test
    void aFileIsUploadedOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("a.parquet"), "any bytes");
        Path uploaded = Path.of(uploads().put(file).replaceFirst("^file:", ""));
        Instant then = Instant.parse("2024-01-01T00:00:00Z");
        Files.setLastModifiedTime(uploaded, FileTime.from(then));

        uploads().put(file);

        assertThat(Files.getLastModifiedTime(uploaded).toInstant()).isEqualTo(then);
    }

    /// Workers read several files in the order of their paths.
    @Test
    void filesKeepTheirOrder() throws IOException {
        Uploads uploads = uploads();
        Path file = Files.writeString(folder.resolve("a.csv"), "id\n7\n");
        Path other = Files.writeString(folder.resolve("b.csv"), "id\n6\n");

        assertThat(List.of(uploads.put(other), uploads.put(file), uploads.put(other)))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void namesAFileThatDoesNotExist() {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> uploads().put(folder.resolve("missing.csv")))
                .withMessageContaining("File not found: ");
    }

    private Uploads uploads() {
        return new Uploads(storage, List.of("file:" + folder.resolve("spines") + "/"));
    }
}
