package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.SpineKind;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Code;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadsTest {
    private final Storage storage = Storage.open(Map.of("client.region", "us-east-1"));
    private Path folder;
    private Path scratch;

    @BeforeEach
    void makeFolders(@TempDir Path temporary) throws IOException {
        folder = temporary.resolve("uploads");
        scratch = Files.createDirectory(temporary.resolve("scratch"));
    }

    @AfterEach
    void close() throws IOException {
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).as("temporary files").isEmpty();
        }
        storage.close();
    }

    private Uploads uploads(long maxBytes, long quotaBytes) {
        return new Uploads(storage, new Uploads.Settings(folder.toString(), scratch, maxBytes, quotaBytes));
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theSameRowsHaveTheSameLocation() throws IOException {
        Uploads uploads = uploads(1000, 1000);

        String first = uploads.put(text("a,b\n1,2\n"), -1, SpineKind.CSV);
        String second = uploads.put(text("a,b\n1,2\n"), 8, SpineKind.CSV);
        String other = uploads.put(text("a,b\n1,3\n"), 8, SpineKind.CSV);

        assertThat(second).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
        assertThat(Uploads.isName(first.substring(first.lastIndexOf('/') + 1))).isTrue();
        assertThat(new String(storage.read(first, 100), StandardCharsets.UTF_8)).isEqualTo("a,b\n1,2\n");
        assertThat(uploads.bytesInUse()).isZero();
    }

    @Test
    void takesLargeFiles() throws IOException {
        String rows = "a\n".repeat(1 << 20);

        String location = uploads(4 << 20, 4 << 20).put(text(rows), -1, SpineKind.CSV);

        assertThat(storage.list(location))
                .singleElement()
                .satisfies(file -> assertThat(file.bytes()).isEqualTo(rows.length()));
    }

    @Test
    void whatABrokenUploadLeftIsWrittenAgain() throws IOException {
        for (String rows : List.of("a\n".repeat(1 << 20), "a\nb\n")) {
            isWrittenAgain(rows);
        }
    }

    private void isWrittenAgain(String rows) throws IOException {
        Uploads uploads = uploads(4 << 20, 4 << 20);
        String location = uploads.put(text(rows), -1, SpineKind.CSV);
        Files.writeString(folder.resolve(location.substring(location.lastIndexOf('/') + 1)), "a\n");

        assertThat(uploads.put(text(rows), -1, SpineKind.CSV)).isEqualTo(location);

        assertThat(storage.list(location))
                .singleElement()
                .satisfies(file -> assertThat(file.bytes()).isEqualTo(rows.length()));
    }

    @Test
    void anUploadThatBreaksOffIsNotCompleted() throws IOException {
        Path file = Files.writeString(folder.resolveSibling("rows"), "a\n".repeat(1 << 20));
        AtomicBoolean completed = new AtomicBoolean();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("no space left, says the test");
            }

            @Override
            public void close() {
                completed.set(true);
            }
        };

        assertThatThrownBy(() -> Uploads.copy(file, full)).isInstanceOf(IOException.class);

        assertThat(completed).isFalse();
    }

    @Test
    void aBodyThatIsCutOffLeavesNothing() {
        Uploads uploads = uploads(1000, 1000);
        InputStream broken = new SequenceInputStream(text("a,b\n1"), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new EOFException("cut off, says the test");
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                return read();
            }
        });

        assertThatThrownBy(() -> uploads.put(broken, 100, SpineKind.CSV)).isInstanceOf(EOFException.class);

        assertThat(folder).doesNotExist();
        assertThat(uploads.bytesInUse()).isZero();
    }

    @Test
    void refusesWhatIsTooLarge() {
        refuses(uploads(10, 1000), "0123456789a", -1, Code.BODY_TOO_LARGE);
        refuses(uploads(10, 1000), "", 11, Code.BODY_TOO_LARGE);
        refuses(uploads(1000, 10), "0123456789a", -1, Code.OVERLOADED);
        assertThat(folder).doesNotExist();
    }

    @Test
    void refusesParquetThatIsNone() {
        for (String body : List.of("", "PAR1", "PAR1PAR1", "PAR1 the end is missing", "no beginning PAR1")) {
            assertThatThrownBy(() -> uploads(1000, 1000).put(text(body), -1, SpineKind.PARQUET))
                    .as(body)
                    .isInstanceOfSatisfying(
                            Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.UNSUPPORTED_MEDIA_TYPE));
        }
    }

    private static void refuses(Uploads uploads, String body, long announced, Code code) {
        assertThatThrownBy(() -> uploads.put(text(body), announced, SpineKind.CSV))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(code));
        assertThat(uploads.bytesInUse()).isZero();
    }
}
