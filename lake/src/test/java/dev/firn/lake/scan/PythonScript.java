package dev.firn.lake.scan;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.firn.embedded.StackAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A script of `src/test/python` in a virtual environment of its own, which is kept below `.firn` between
/// runs. Aborts the test (it counts as skipped) where there is no python3 with venv, or the pinned packages
/// cannot be installed.
final class PythonScript {
    private static final Path SCRIPTS = Path.of("src", "test", "python").toAbsolutePath();
    private static final Path HOME = Path.of(System.getProperty("firn.home", ".."));

    private final String name;
    private final Path python;

    private PythonScript(String name, Path python) {
        this.name = name;
        this.python = python;
    }

    /// `<name>.py`, with the packages of `<name>.requirements.txt`.
    static PythonScript of(String name) {
        try {
            Path folder = HOME.resolve(".firn").resolve("python").resolve(name);
            PythonScript script = new PythonScript(
                    name, folder.resolve("bin").resolve("python").toAbsolutePath());
            script.install(folder);
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void install(Path folder) throws IOException {
        Path wanted = SCRIPTS.resolve(name + ".requirements.txt");
        Path installed = folder.resolve("installed.txt");
        if (Files.exists(installed) && Files.mismatch(wanted, installed) < 0) {
            return;
        }
        Files.createDirectories(folder);
        try {
            finished(List.of("python3", "-c", "import ensurepip, venv"), Map.of());
        } catch (IOException | IllegalStateException e) {
            abort("there is no python3 with venv: " + e.getMessage());
        }
        try {
            finished(List.of("python3", "-m", "venv", "--clear", folder.toString()), Map.of());
            finished(
                    List.of(
                            python.toString(),
                            "-m",
                            "pip",
                            "install",
                            "--quiet",
                            "--disable-pip-version-check",
                            "-r",
                            wanted.toString()),
                    Map.of());
        } catch (IllegalStateException e) {
            abort("the packages of " + wanted.getFileName() + " cannot be installed: " + e.getMessage());
        }
        Files.copy(wanted, installed);
    }

    /// Runs it on the stack and returns the lines that it prints.
    List<String> run(StackAddresses stack, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(stack.environment());
        environment.put("FIRN_S3_ENDPOINT", stack.s3Endpoint());
        environment.put("FIRN_WAREHOUSE", stack.warehouse());
        environment.putAll(more);
        try {
            return finished(
                            List.of(
                                    python.toString(),
                                    SCRIPTS.resolve(name + ".py").toString()),
                            environment)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the command prints; fails with its errors when it does not end well.
    private static String finished(List<String> command, Map<String, String> environment) throws IOException {
        Path errors = Files.createTempFile("firn-python-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        "%s ends with %d: %s%s".formatted(command, code, printed, Files.readString(errors)));
            }
            return printed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            process.destroy();
            Files.deleteIfExists(errors);
        }
    }
}
