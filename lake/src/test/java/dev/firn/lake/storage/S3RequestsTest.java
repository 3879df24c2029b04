package dev.firn.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.storage.ScriptedS3.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What requests to the store carry besides the bytes, for small files and streams alike.
final class S3RequestsTest {
    private ScriptedS3 s3;

    @BeforeEach
    void open() throws IOException {
        s3 = new ScriptedS3();
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private void write(Map<String, String> more) throws IOException {
        Map<String, String> properties = new HashMap<>(s3.properties());
        properties.putAll(more);
        try (Storage storage = Storage.open(properties)) {
            storage.putIfAbsent("s3://lake/results/_manifest.json", bytes("{}"));
            try (OutputStream file =
                    storage.output("s3a://lake/results/0.parquet").createOrOverwrite()) {
                file.write(bytes("rows"));
            }
        }
    }

    @Test
    void theStoresOwnKeysEncryptWhatIsWritten() throws IOException {
        write(Map.of("s3.sse.type", "s3"));
        assertThat(s3.encryptions)
                .isEqualTo(Map.of(
                        "/lake/results/_manifest.json", "AES256 null", "/lake/results/0.parquet", "AES256 null"));
    }

    @Test
    void aKeyOfTheKeyServiceEncryptsWhatIsWritten() throws IOException {
        write(Map.of("s3.sse.type", "kms", "s3.sse.key", "alias/firn"));
        assertThat(s3.encryptions)
                .isEqualTo(Map.of(
                        "/lake/results/_manifest.json",
                        "aws:kms alias/firn",
                        "/lake/results/0.parquet",
                        "aws:kms alias/firn"));
    }

    @Test
    void withoutASettingTheBucketDecides() throws IOException {
        write(Map.of());
        assertThat(s3.encryptions.values()).containsOnly("null null");
    }

    @Test
    void streamsAreRetriedAfterThrottlingAndResets() throws IOException {
        try (Storage storage = Storage.open(s3.properties())) {
            s3.faults.addAll(List.of(Fault.SLOW_DOWN, Fault.RESET));
            try (OutputStream file = storage.output("s3://lake/0.parquet").createOrOverwrite()) {
                file.write(bytes("rows"));
            }
            s3.faults.addAll(List.of(Fault.SLOW_DOWN, Fault.RESET));
            try (InputStream file = storage.input("s3n://lake/0.parquet").newStream()) {
                assertThat(file.readAllBytes()).isEqualTo(bytes("rows"));
            }
            assertThat(s3.faults).isEmpty();
        }
    }

    @Test
    void hadoopsNamesAreMadeOfIcebergs() {
        Map<String, String> own = Map.of(
                "io-impl", S3aProperties.HADOOP_FILE_IO,
                "s3.endpoint", "http://127.0.0.1:9000",
                "s3.access-key-id", "key",
                "s3.sse.type", "kms",
                "s3.sse.key", "alias/firn",
                "hadoop.fs.s3a.endpoint", "http://127.0.0.1:9001");
        assertThat(S3aProperties.complete(own))
                .containsAllEntriesOf(own)
                .containsEntry("hadoop.fs.s3a.access.key", "key")
                .containsEntry("hadoop.fs.s3a.encryption.algorithm", "SSE-KMS")
                .containsEntry("hadoop.fs.s3a.encryption.key", "alias/firn")
                .containsEntry("hadoop.fs.s3n.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem");
        assertThat(S3aProperties.complete(Map.of("s3.endpoint", "x"))).isEqualTo(Map.of("s3.endpoint", "x"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
