package dev.firn.cli.stack;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.embedded.HealthProbe;
import dev.firn.embedded.ProcessSpec;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Firn's services. Each runs as a process of its own beside an embedded stack.
public enum FirnService {
    REGISTRATION("registration-service", "dev.firn.registration.RegistrationService", "512m"),
    WORKER("retrieval-worker", "dev.firn.retrieval.RetrievalWorker", "1g");

    private final String module;
    private final String mainClass;
    private final String heap;

    FirnService(String module, String mainClass, String heap) {
        this.module = module;
        this.mainClass = mainClass;
        this.heap = heap;
    }

    public String module() {
        return module;
    }

    /// The process, ready when its health endpoint says so.
    ///
    /// @param settings the file for `FIRN_CONFIG`
    ProcessSpec process(Path home, Path settings, Path workingFolder) {
        int port = freePort();
        String url = "http://127.0.0.1:" + port;
        return ProcessSpec.of(module, classPath(home), mainClass, workingFolder)
                .withJvmArguments(
                        "-Xmx" + heap,
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.firn")
                .withEnvironment(Map.of("FIRN_CONFIG", settings.toString(), "FIRN_HTTP_PORT", Integer.toString(port)))
                .readyAt(url, HealthProbe.http(url + "/health/ready"));
    }

    private List<String> classPath(Path home) {
        Path target = home.resolve(module).resolve("target");
        List<String> classPath = new ArrayList<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "firn-*.jar")) {
            jars.forEach(jar -> classPath.add(jar.toString()));
            String dependencies = Files.readString(target.resolve("class-path.txt"));
            classPath.addAll(List.of(dependencies.strip().split(File.pathSeparator)));
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.NOT_REACHABLE,
                    "%s is not built (%s). Use the script ./firn, which builds it".formatted(module, e.getMessage()),
                    e);
        }
        return classPath;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
