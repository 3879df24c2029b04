package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFilesTest {
    /// One of these files contains the keys of the S3 server.
    @Test
    void areReadableOnlyByThisUser(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("etc/catalog/iceberg.properties");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "from an earlier start, readable by all");
        DataFiles.write(file, List.of("s3.aws-secret-key=x"));

        assertThat(Files.readString(file)).isEqualTo("s3.aws-secret-key=x\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
