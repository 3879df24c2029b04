package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.lake.LakeRejection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Files;
import org.apache.parquet.crypto.ColumnEncryptionProperties;
import org.apache.parquet.crypto.FileEncryptionProperties;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Firn has no keys. It says that a file is encrypted, and reads the columns that are not.
final class EncryptedFilesTest {
    private static final byte[] KEY = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aFileUnderOneKeyIsRefused() throws IOException {
        for (FileEncryptionProperties encryption : List.of(
                FileEncryptionProperties.builder(KEY).build(),
                FileEncryptionProperties.builder(KEY).withPlaintextFooter().build())) {
            Path file = write(encryption);
            assertThatThrownBy(() ->
                            ParquetSource.open(Files.localInput(file.toFile())).close())
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SPINE_UNREADABLE"))
                    .hasMessageEndingWith("is encrypted, which Firn does not read");
        }
    }

    @Test
    void anEncryptedColumnIsRefusedAndTheOthersAreRead() throws IOException {
        ColumnPath secret = ColumnPath.get("secret");
        Path file = write(FileEncryptionProperties.builder(KEY)
                .withPlaintextFooter()
                .withEncryptedColumns(Map.of(
                        secret,
                        ColumnEncryptionProperties.builder(secret, true)
                                .withKey(KEY)
                                .build()))
                .build());
        try (ParquetSource source = ParquetSource.open(Files.localInput(file.toFile()))) {
            Column open = source.batches(List.of("open"), 10).next().getFirst();
            assertThat(open)
                    .isInstanceOfSatisfying(
                            IntColumn.class,
                            ints -> assertThat(ints.values()[0]).isEqualTo(1));
            assertThatThrownBy(() -> source.batches(List.of("secret"), 10).next())
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SPINE_UNREADABLE"))
                    .hasMessageEndingWith("column secret is encrypted, which Firn does not read");
        }
    }

    private Path write(FileEncryptionProperties encryption) throws IOException {
        MessageType schema =
                MessageTypeParser.parseMessageType("message root { required int32 open; required int32 secret; }");
        Path file = java.nio.file.Files.createTempFile(folder, "sealed", ".parquet");
        java.nio.file.Files.delete(file);
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withEncryption(encryption)
                .build()) {
            writer.write(
                    new SimpleGroupFactory(schema).newGroup().append("open", 1).append("secret", 2));
        }
        return file;
    }
}
