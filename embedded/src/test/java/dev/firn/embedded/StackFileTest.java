package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StackFileTest {
    private static final StackFile WRITTEN = new StackFile(
            17,
            1_700_000_000_000L,
            new StackAddresses(
                    "127.0.0.1:1",
                    "http://127.0.0.1:2/apis",
                    "http://127.0.0.1:3",
                    "key",
                    "secret",
                    "region",
                    "host",
                    4,
                    "user",
                    "jdbc:sqlite:catalog.db",
                    "s3://lake/iceberg",
                    new KafkaAccess("/certificate.pem", Map.of("client", "password"))),
            List.of(new Part(
                    "s3",
                    "http://127.0.0.1:3",
                    18,
                    1_700_000_000_001L,
                    "/s3.log",
                    "/s3",
                    HealthProbe.http("http://127.0.0.1:3/healthz", "ok"),
                    Map.of("accessKey", "key"))));

    @TempDir
    private Path folder = Path.of("target");

    @Test
    void readsWhatItWrites() {
        WRITTEN.write(folder);
        assertThat(StackFile.read(folder)).contains(WRITTEN);
    }

    @Test
    void isEmptyWithoutAFile() {
        assertThat(StackFile.read(folder)).isEmpty();
    }

    @Test
    void readsTheFileOfAVersionWithoutKafkaAccess() throws IOException {
        WRITTEN.write(folder);
        Path file = folder.resolve("stack.json");
        Files.writeString(file, Files.readString(file).replace("\"kafkaAccess\"", "\"other\""));
        assertThat(StackFile.read(folder).orElseThrow().addresses().kafkaAccess())
                .isEqualTo(KafkaAccess.OPEN);
    }

    @Test
    void namesTheFileThatItCannotRead() throws IOException {
        Files.writeString(folder.resolve("stack.json"), "{\"pid\": 1, \"addresses\": {}}");
        assertThatThrownBy(() -> StackFile.read(folder))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("stack.json")
                .hasStackTraceContaining("bootstrapServers");
    }
}
