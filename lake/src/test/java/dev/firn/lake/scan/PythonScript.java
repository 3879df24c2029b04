package dev.firn.lake.scan;

import dev.firn.embedded.StackAddresses;
import dev.firn.testkit.Missing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A script of `src/test/python` in its own virtual environment, which is kept below `.firn` between runs.
/// Without python3 and venv, or if the pinned packages cannot be installed, the test is skipped or, in CI, fails.
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
        return of(name, name);
    }

    /// `<name>.py`, with the packages of `<packages>.requirements.txt`.
    static PythonScript of(String name, String packages) {
        try {
            Path folder = HOME.resolve(".firn").resolve("python").resolve(packages);
            install(packages, folder);
            return new PythonScript(name, python(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path python(Path folder) {
        return folder.resolve("bin").resolve("python").toAbsolutePath();
    }

    private static void install(String packages, Path folder) throws IOException {
        Path requirements = SCRIPTS.resolve(packages + ".requirements.txt");
        Path installed = folder.resolve("installed.txt");
        if (Files.exists(installed) && Files.mismatch(requirements, installed) < 0) {
            return;
        }
        Files.createDirectories(folder);
        try {
            output(List.of("python3", "-c", "import ensurepip, venv"), Map.of());
        } catch (IOException | IllegalStateException e) {
            Missing.skipOrFail("python3 with venv: " + e.getMessage());
        }
        try {
            output(List.of("python3", "-m", "venv", "--clear", folder.toString()), Map.of());
            output(
                    List.of(
                            python(folder).toString(),
                            "-m",
                            "pip",
                            "install",
                            "--quiet",
                            "--disable-pip-version-check",
                            "-r",
                            requirements.toString()),
                    Map.of());
        } catch (IllegalStateException e) {
            Missing.skipOrFail("the packages of " + requirements.getFileName() + ": " + e.getMessage());
        }
        Files.copy(requirements, installed);
    }

    /// Runs the script against the stack and returns the lines it prints.
    List<String> run(StackAddresses stack, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(stack.environment());
        environment.put("FIRN_S3_ENDPOINT", stack.s3Endpoint());
        environment.put("FIRN_WAREHOUSE", stack.warehouse());
        environment.putAll(more);
        try {
            return output(
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

    /// Returns what the command prints; throws with its output if it fails.
    private static String output(List<String> command, Map<String, String> environment) throws IOException {
        Path errors = Files.createTempFile("firn-python-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        "%s exited with %d: %s%s".formatted(command, code, printed, Files.readString(errors)));
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
