package dev.firn.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A JVM to run under supervision.
///
/// @param name its name in status and errors; its log is `<name>.log`
/// @param address shown by status
/// @param classPath entries as `java -cp` takes them, `folder/*` included
/// @param environment all variables except the inherited `PATH`, `HOME`, `LANG`, `TMPDIR` and `TZ`
/// @param workingFolder created if missing
/// @param credentials shown by status
public record ProcessSpec(
        String name,
        String address,
        List<String> classPath,
        String mainClass,
        List<String> jvmArguments,
        List<String> arguments,
        Map<String, String> environment,
        Path workingFolder,
        HealthProbe readiness,
        Duration startLimit,
        Map<String, String> credentials) {
    /// Far more than a part needs, for busy machines. A part that exits is noticed at once anyway.
    public static final Duration DEFAULT_START_LIMIT = Duration.ofMinutes(3);

    public ProcessSpec {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("[%s] a part's name may only contain a-z, 0-9 and -".formatted(name));
        }
        classPath = List.copyOf(classPath);
        jvmArguments = List.copyOf(jvmArguments);
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        credentials = Map.copyOf(credentials);
    }

    /// A process that counts as ready once it is running.
    public static ProcessSpec of(String name, List<String> classPath, String mainClass, Path workingFolder) {
        return new ProcessSpec(
                name,
                "",
                classPath,
                mainClass,
                List.of(),
                List.of(),
                Map.of(),
                workingFolder,
                HealthProbe.alive(),
                DEFAULT_START_LIMIT,
                Map.of());
    }

    public ProcessSpec withJvmArguments(String... more) {
        return new ProcessSpec(
                name,
                address,
                classPath,
                mainClass,
                List.of(more),
                arguments,
                environment,
                workingFolder,
                readiness,
                startLimit,
                credentials);
    }

    public ProcessSpec withArguments(String... more) {
        return new ProcessSpec(
                name,
                address,
                classPath,
                mainClass,
                jvmArguments,
                List.of(more),
                environment,
                workingFolder,
                readiness,
                startLimit,
                credentials);
    }

    public ProcessSpec withEnvironment(Map<String, String> variables) {
        return new ProcessSpec(
                name,
                address,
                classPath,
                mainClass,
                jvmArguments,
                arguments,
                variables,
                workingFolder,
                readiness,
                startLimit,
                credentials);
    }

    /// The process is ready when the probe answers.
    public ProcessSpec readyAt(String shownAddress, HealthProbe probe) {
        return new ProcessSpec(
                name,
                shownAddress,
                classPath,
                mainClass,
                jvmArguments,
                arguments,
                environment,
                workingFolder,
                probe,
                startLimit,
                credentials);
    }

    ProcessSpec withCredentials(Map<String, String> ours) {
        return new ProcessSpec(
                name,
                address,
                classPath,
                mainClass,
                jvmArguments,
                arguments,
                environment,
                workingFolder,
                readiness,
                startLimit,
                ours);
    }

    @Override
    public String toString() {
        return "ProcessSpec[name=%s, mainClass=%s]".formatted(name, mainClass);
    }
}
