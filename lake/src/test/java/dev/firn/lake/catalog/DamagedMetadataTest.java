package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.lake.LakeRejection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A metadata file that cannot be read is a definite answer, and not an outage of the catalog.
final class DamagedMetadataTest {
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.5, 0.99})
    @Timeout(60)
    void aMetadataFileThatIsCutOffIsNamedAtOnce(double part) throws Exception {
        lake.create(ORDERS);
        Path file = metadata();
        byte[] all = Files.readAllBytes(file);
        damage(file, Arrays.copyOf(all, (int) (all.length * part)));

        assertUnreadable(file);
    }

    @Test
    @Timeout(60)
    void aPackedMetadataFileThatIsCutOffIsNamedAtOnce() throws Exception {
        lake.create(ORDERS, "write.metadata.compression-codec", "gzip");
        Path file = metadata();
        byte[] all = Files.readAllBytes(file);
        assertThat(file.toString()).contains(".gz.");
        damage(file, Arrays.copyOf(all, all.length - 20));

        assertUnreadable(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<Error>NoSuchKey</Error>", "{}", "[]", "null", "{\"format-version\": 2}"})
    @Timeout(60)
    void somethingElseThanMetadataIsNamedAtOnce(String content) throws Exception {
        lake.create(ORDERS);
        Path file = metadata();
        damage(file, content.getBytes(StandardCharsets.UTF_8));

        assertUnreadable(file);
    }

    @Test
    @Timeout(60)
    void aNewerFormatIsUnsupported() throws Exception {
        lake.create(ORDERS);
        Path file = metadata();
        damage(
                file,
                Files.readString(file)
                        .replace("\"format-version\":2", "\"format-version\":9")
                        .getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> lake.catalogs.load(ORDERS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"));
    }

    /// Iceberg's catalogs retry every other exception for minutes.
    @Test
    void whatIcebergReadsEndsItsRetries() {
        var file = MetadataJson.checked(new InMemoryInputFile("s3://lake/t/v1.metadata.json", new byte[0]));
        assertThatThrownBy(file::newStream).isInstanceOf(NotFoundException.class);
    }

    private void assertUnreadable(Path file) {
        LakeRejection answer = catchThrowableOfType(LakeRejection.class, () -> lake.catalogs.load(ORDERS));
        assertThat(answer.code()).isEqualTo("FILE_UNREADABLE");
        assertThat(answer.getMessage())
                .contains("iceberg.gold.orders")
                .contains(file.getFileName().toString())
                .contains("cut off or damaged")
                .doesNotContain("Exception")
                .doesNotContain("java.");
    }

    private Path metadata() {
        return Path.of(URI.create(lake.catalogs.load(ORDERS).metadataLocation()));
    }

    private static void damage(Path file, byte[] content) throws Exception {
        Files.write(file, content);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    }
}
