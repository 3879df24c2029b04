package dev.firn.cli.stack;

import dev.firn.cli.command.StackProperties;
import dev.firn.embedded.KafkaAccess;
import dev.firn.embedded.ProcessSpec;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// The services of a namespace on an embedded stack.
public final class Services {
    private static final String GATEWAY_PORT = "firn.gateway.port";

    private Services() {}

    /// Where the gateway of a namespace listens; empty if its services have never run in that folder.
    static Optional<String> gatewayUrl(Path folder, String namespace) {
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(StackProperties.file(folder, namespace))) {
            settings.load(reader);
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.ofNullable(settings.getProperty(GATEWAY_PORT)).map(port -> "http://127.0.0.1:" + port);
    }

    /// The services share the file, but each has its own user at a secured broker and at Trino.
    private static Map<String, String> environment(Path file, Map<String, String> settings, FirnService service) {
        Map<String, String> environment = new HashMap<>(Map.of("FIRN_CONFIG", file.toString()));
        Optional.ofNullable(settings.get(StackProperties.CREDENTIALS_FILE))
                .map(client -> Path.of(client).resolveSibling(KafkaAccess.credentialsFileName(service.user())))
                .ifPresent(own -> {
                    environment.put("FIRN_KAFKA_CREDENTIALS_FILE", own.toString());
                    environment.put("FIRN_TRINO_USER", service.user().userName());
                });
        return environment;
    }

    /// Writes the settings and describes the processes, in the order to start them.
    public static List<ProcessSpec> processes(Path home, Path folder, String namespace, Map<String, String> settings) {
        Path file = StackProperties.file(folder, namespace);
        settings.put(GATEWAY_PORT, Integer.toString(FirnService.freePort()));
        StackProperties.write(settings, file);
        return Arrays.stream(FirnService.values())
                .map(service -> service.process(
                        home,
                        environment(file, settings, service),
                        folder.resolve("services").resolve(namespace).resolve(service.module())))
                .toList();
    }
}
