package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.testkit.Missing;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A Nessie server over the stack's store. Its jar is large, so only a build with `-Pnessie` packages it; the
/// gate does.
final class NessieServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final int port = freePort();
    private final Process process;
    private final Path log;

    NessieServer(StackAddresses stack) {
        Path jar = Path.of(System.getProperty("firn.home"), "embedded", "parts", "nessie", "target", "nessie.jar");
        if (!Files.exists(jar)) {
            Missing.skipOrFail("the Nessie server; mvn -Pnessie -pl embedded/parts/nessie package fetches it");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED"));
        settings(stack).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-jar", jar.toString()));
        try {
            log = Files.createTempFile("firn-nessie-", ".log");
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Waiting.until(
                START_LIMIT, () -> ask("GET", "/api/v2/config", "").statusCode() == 200, "Nessie to start, log " + log);
    }

    private Map<String, String> settings(StackAddresses stack) {
        String s3 = "nessie.catalog.service.s3.default-options.";
        return new TreeMap<>(Map.ofEntries(
                Map.entry("quarkus.http.host", "127.0.0.1"),
                Map.entry("quarkus.http.port", Integer.toString(port)),
                Map.entry("quarkus.management.host", "127.0.0.1"),
                Map.entry("quarkus.management.port", Integer.toString(freePort())),
                Map.entry("nessie.catalog.default-warehouse", "lake"),
                Map.entry("nessie.catalog.warehouses.lake.location", "s3://" + StackAddresses.BUCKET + "/nessie"),
                Map.entry(s3 + "endpoint", stack.s3Endpoint()),
                Map.entry(s3 + "path-style-access", "true"),
                Map.entry(s3 + "region", stack.region()),
                Map.entry(s3 + "access-key", "urn:nessie-secret:quarkus:firn.s3"),
                Map.entry("firn.s3.name", stack.accessKey()),
                Map.entry("firn.s3.secret", stack.secretKey())));
    }

    /// Iceberg's REST endpoint for a branch or tag.
    String uri(String reference) {
        return "http://127.0.0.1:" + port + "/iceberg/" + reference;
    }

    /// Creates a `BRANCH` or `TAG` at the head of Nessie's main branch.
    void createReference(String type, String name) {
        String main = ask("GET", "/api/v2/trees/main", "").body();
        String hash = main.replaceAll("(?s).*\"hash\"\\s*:\\s*\"([0-9a-f]+)\".*", "$1");
        HttpResponse<String> created = ask(
                "POST",
                "/api/v2/trees?name=" + name + "&type=" + type,
                "{\"type\":\"BRANCH\",\"name\":\"main\",\"hash\":\"" + hash + "\"}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
    }

    private HttpResponse<String> ask(String method, String path, String body) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .header("Content-Type", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
