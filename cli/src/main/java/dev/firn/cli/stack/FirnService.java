package dev.firn.cli.stack;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.embedded.HealthProbe;
import dev.firn.embedded.ProcessSpec;
import dev.firn.embedded.StackUser;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Firn's services. Each runs as a process of its own beside an embedded stack.
public enum FirnService {
    REGISTRATION(
            "registration-service",
            "dev.firn.registration.RegistrationService",
            "512m",
            StackUser.REGISTRATION_SERVICE),
    WORKER("retrieval-worker", "dev.firn.retrieval.RetrievalWorker", "1g", StackUser.RETRIEVAL_WORKER),
    GATEWAY("gateway", "dev.firn.gateway.Gateway", "256m", StackUser.GATEWAY);

    /// Only the worker computes so much that the optimising compiler is worth its own cost.
    private static final List<String> QUICK_COMPILER = List.of("-XX:TieredStopAtLevel=1");

    private final String module;
    private final String mainClass;
    private final String heap;
    private final StackUser user;

    FirnService(String module, String mainClass, String heap, StackUser user) {
        this.module = module;
        this.mainClass = mainClass;
        this.heap = heap;
        this.user = user;
    }

    public String module() {
        return module;
    }

    /// Whether a part of a stack is one of Firn's services.
    static boolean isService(String part) {
        return Arrays.stream(values()).anyMatch(service -> service.module.equals(part));
    }

    /// Whom a secured broker sees.
    StackUser user() {
        return user;
    }

    /// The process, ready when its health endpoint says so.
    ///
    /// @param environment the variables with its settings
    ProcessSpec process(Path home, Map<String, String> environment, Path workingFolder) {
        int port = freePort();
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("FIRN_HTTP_PORT", Integer.toString(port));
        String url = "http://127.0.0.1:" + port;
        List<String> options = new ArrayList<>(List.of(
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-OmitStackTraceInFastThrow",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.firn"));
        if (this != WORKER) {
            options.addAll(QUICK_COMPILER);
        }
        options.addAll(
                AotCache.of(home.resolve(module).resolve("target"), module).options());
        return ProcessSpec.of(module, classPath(home), mainClass, workingFolder)
                .withJvmArguments(options.toArray(String[]::new))
                .withEnvironment(variables)
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

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
