package dev.firn.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StatusCommandTest {
    private static final String SECRET = "a-secret-of-the-stack";

    @TempDir
    private Path folder = Path.of("target");

    /// What s3fs, PyArrow, Polars and PyIceberg read; README's blocks need no other settings.
    @Test
    void exportsWhatPythonsLibrariesNeed() throws IOException {
        assertThat(status().environment())
                .contains(
                        entry("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3"),
                        entry("AWS_ACCESS_KEY_ID", "firn"),
                        entry("AWS_SECRET_ACCESS_KEY", SECRET),
                        entry("AWS_REGION", "us-east-1"),
                        entry("AWS_DEFAULT_REGION", "us-east-1"),
                        entry("AWS_ALLOW_HTTP", "true"),
                        entry("PYICEBERG_CATALOG__ICEBERG__TYPE", "sql"),
                        entry("PYICEBERG_CATALOG__ICEBERG__URI", "sqlite:////lake/catalog.db"),
                        entry("PYICEBERG_CATALOG__ICEBERG__WAREHOUSE", "s3://lake/iceberg"),
                        entry("PYICEBERG_CATALOG__ICEBERG__S3__ENDPOINT", "http://127.0.0.1:3"));
    }

    @Test
    void aStackThatIsStoppedIsNotAlive() throws IOException {
        assertThat(status().isAlive()).isFalse();
        assertThat(status().isHealthy()).isFalse();
    }

    private StackStatus status() throws IOException {
        Files.writeString(folder.resolve("stack.json"), STOPPED);
        AttachedStack stack = EmbeddedStack.attach(folder);
        return new StackStatus(folder, stack.addresses(), stack.status(), "firn");
    }

    /// As a stack leaves it behind. No process has its id and its start.
    private static final String STOPPED = """
            {"pid": 1, "start": 0,
             "addresses": {
               "bootstrapServers": "127.0.0.1:1", "schemaRegistryUrl": "http://127.0.0.1:2",
               "s3Endpoint": "http://127.0.0.1:3", "accessKey": "firn", "secretKey": "a-secret-of-the-stack",
               "region": "us-east-1", "trinoHost": "127.0.0.1", "trinoPort": 4, "trinoUser": "firn",
               "catalogUri": "jdbc:sqlite:/lake/catalog.db?journal_mode=WAL&busy_timeout=20000",
               "warehouse": "s3://lake/iceberg", "kafkaAccess": {"certificate": "", "passwords": {}}},
             "parts": [{
               "name": "broker", "address": "127.0.0.1:1", "pid": 1, "start": 0, "log": "broker.log",
               "folder": "broker", "probe": {"address": "http://127.0.0.1:1/", "expects": ""}, "credentials": {}}]}
            """;
}
