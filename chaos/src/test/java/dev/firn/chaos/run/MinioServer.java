package dev.firn.chaos.run;

import dev.firn.embedded.StackAddresses;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A MinIO server in a folder, with the stack's bucket. `scripts/minio` builds its program.
final class MinioServer implements AutoCloseable {
    private static final String PROGRAM = ".firn/tools/minio";
    private static final Duration START_LIMIT = Duration.ofMinutes(1);
    private static final long STOP_SECONDS = 20;
    private static final String USER = "firn";
    private static final String SECRET = "firn-chaos-secret";

    private final Process process;
    private final String endpoint;

    private MinioServer(Process process, String endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /// The program, if it has been built: `firn.minio`, or where `scripts/minio` puts it.
    static Optional<Path> program() {
        Path built = Path.of(System.getProperty("firn.home", ".."), PROGRAM);
        return Optional.of(Path.of(System.getProperty("firn.minio", built.toString())))
                .filter(Files::isExecutable);
    }

    /// @param folder its data; a folder in it is a bucket
    static MinioServer start(Path program, Path folder) {
        try {
            int port = ServiceUnderTest.freePort();
            Files.createDirectories(folder.resolve(StackAddresses.BUCKET));
            ProcessBuilder builder = new ProcessBuilder(
                            program.toString(),
                            "server",
                            folder.toString(),
                            "--address",
                            "127.0.0.1:" + port,
                            "--quiet")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolveSibling("minio.log").toFile());
            builder.environment().put("MINIO_ROOT_USER", USER);
            builder.environment().put("MINIO_ROOT_PASSWORD", SECRET);
            builder.environment().put("MINIO_BROWSER", "off");
            MinioServer server = new MinioServer(builder.start(), "http://127.0.0.1:" + port);
            Runtime.getRuntime().addShutdownHook(new Thread(server.process::destroyForcibly));
            server.awaitReady();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        HttpRequest ready = HttpRequest.newBuilder(URI.create(endpoint + "/minio/health/ready"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Waiting.until(
                    START_LIMIT,
                    () -> client.send(ready, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200,
                    "MinIO");
        }
    }

    ResultStoreAddress address() {
        return new ResultStoreAddress(endpoint, USER, SECRET);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
