package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A spine that cannot be read is rejected with a code. ParquetResultTest covers reading.
final class ParquetSourceTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aFileThatDoesNotExistIsSpineNotFound() {
        assertRejected("SPINE_NOT_FOUND", folder.resolve("missing.parquet"));
    }

    @Test
    void aFileThatIsNotParquetIsSpineUnreadable() throws IOException {
        Path file = Files.writeString(folder.resolve("spine.parquet"), "id,event_timestamp\n1,2024-01-01\n");
        assertRejected("SPINE_UNREADABLE", file);
    }

    @Test
    void aTruncatedFileIsSpineUnreadable() throws IOException {
        byte[] bytes = "PAR1 and no footer to speak of PAR1".getBytes(StandardCharsets.UTF_8);
        assertRejected("SPINE_UNREADABLE", Files.write(folder.resolve("spine.parquet"), bytes));
    }

    private static void assertRejected(String code, Path file) {
        assertThatThrownBy(() -> ParquetSource.open(org.apache.iceberg.Files.localInput(file.toFile()))
                        .close())
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(file.getFileName().toString());
    }
}
