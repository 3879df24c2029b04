package dev.firn.chaos.run;

import dev.firn.testkit.Waiting;
import java.io.File;
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
import java.util.concurrent.TimeUnit;

/// One process of a service, and what can happen to it. It ends with this JVM.
final class ServiceUnderTest implements AutoCloseable {
    private static final long STOP_SECONDS = 30;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final int port;

    private ServiceUnderTest(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// @param log appended to
    static ServiceUnderTest start(String mainClass, Map<String, String> settings, Path log) {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + System.getProperty("firn.chaos.heap", "400m"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED"));
        settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.add("-Dfirn.http.port=" + port);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "dev.firn.embedded.child.Supervised", mainClass));
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            return new ServiceUnderTest(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())))
                            .start(),
                    port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until its HTTP endpoint answers, which is the first thing that a service opens.
    void awaitLive() {
        awaitHealth("live");
    }

    void awaitReady() {
        awaitHealth("ready");
    }

    private void awaitHealth(String what) {
        Waiting.until(START_LIMIT, () -> is(what), "the service to be " + what);
    }

    boolean isReady() {
        try {
            return is("ready");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean is(String what) throws IOException, InterruptedException {
        HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/" + what))
                .build();
        return HTTP.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    }

    /// Ends it with SIGKILL.
    void kill() {
        process.destroyForcibly();
        await();
    }

    /// Stops it with SIGSTOP: it keeps its connections and does nothing.
    void freeze() {
        signal("-STOP");
    }

    /// Lets a stopped process go on.
    void thaw() {
        signal("-CONT");
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private void signal(String signal) {
        signal(process.pid(), signal);
    }

    /// Sends a signal to any process.
    static void signal(long pid, String signal) {
        try {
            int status = new ProcessBuilder("kill", signal, Long.toString(pid))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new AssertionError("kill %s %d ended with status %d".formatted(signal, pid, status));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void await() {
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("process %d does not end".formatted(process.pid()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Stops it in order, or kills it if that takes long.
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (IOException e) {
            kill();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
