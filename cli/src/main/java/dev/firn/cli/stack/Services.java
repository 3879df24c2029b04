package dev.firn.cli.stack;

import dev.firn.cli.command.StackProperties;
import dev.firn.embedded.ProcessSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Both services of a namespace on an embedded stack.
public final class Services {
    private Services() {}

    /// The settings file of a namespace on the stack in a folder.
    static Path settingsFile(Path folder, String namespace) {
        return folder.resolve("firn-%s.properties".formatted(namespace));
    }

    /// Writes the settings and describes the processes, in the order to start them.
    public static List<ProcessSpec> processes(Path home, Path folder, String namespace, Map<String, String> settings) {
        Path file = settingsFile(folder, namespace);
        StackProperties.write(settings, file);
        return Arrays.stream(FirnService.values())
                .map(service -> service.process(
                        home,
                        file,
                        folder.resolve("services").resolve(namespace).resolve(service.module())))
                .toList();
    }
}
