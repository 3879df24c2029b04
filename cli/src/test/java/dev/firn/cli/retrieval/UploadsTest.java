package dev.firn.cli.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.firn.cli.command.CommandFailure;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadsTest {
    private final Storage storage = Storage.open(Map.of());

    @TempDir
    private Path folder = Path.of("target");

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

    /// A store may let a client write uploads and not list them.
    @Test
    void uploadsAgainIfItMayNotLook() throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "id\n7\n");
        Uploads blind = new Uploads(new WriteOnly(storage), List.of("file:" + folder.resolve("spines")));

        String location = blind.put(file);

        assertThat(location).isEqualTo(uploads().put(file));
        assertThat(storage.list(location)).hasSize(1);
    }

    private record WriteOnly(Storage storage) implements Storage {
        @Override
        public InputFile input(String location) {
            throw denied(location);
        }

        @Override
        public OutputFile output(String location) {
            return storage.output(location);
        }

        @Override
        public PutOutcome putIfAbsent(String location, byte[] content) {
            throw denied(location);
        }

        @Override
        public byte[] read(String location, int maxBytes) {
            throw denied(location);
        }

        @Override
        public List<StoredFile> list(String folderOrFile) {
            throw denied(folderOrFile);
        }

        @Override
        public String etag(String location) {
            throw denied(location);
        }

        @Override
        public void delete(Collection<String> locations) {
            throw denied(locations.toString());
        }

        @Override
        public boolean conditionalPutIsAtomic(String probeFolder) {
            throw denied(probeFolder);
        }

        @Override
        public void close() {}

        private static LakeRejection denied(String location) {
            return new LakeRejection(LakeCode.FILE_DENIED, "[" + location + "] says the test");
        }
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
