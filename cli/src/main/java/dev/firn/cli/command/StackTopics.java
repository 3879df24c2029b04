package dev.firn.cli.command;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// How many partitions the topics of a namespace have on an embedded stack.
///
/// A machine needs fewer than a cluster, and each one costs something even if nothing happens. The number never
/// changes: a namespace that began with more keeps them.
final class StackTopics {
    private static final Map<String, String> NEW =
            Map.of("firn.kafka.partitions", "2", "firn.kafka.retrieval-partitions", "4");

    private StackTopics() {}

    /// The settings of a namespace that differ from Firn's defaults.
    ///
    /// @param settings the file that the first `firn up` of the namespace writes
    static Map<String, String> partitions(Path settings) {
        Optional<Properties> known = read(settings);
        if (known.isEmpty()) {
            return NEW;
        }
        Map<String, String> partitions = new LinkedHashMap<>();
        for (String name : NEW.keySet()) {
            Optional.ofNullable(known.get().getProperty(name)).ifPresent(value -> partitions.put(name, value));
        }
        return partitions;
    }

    private static Optional<Properties> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            return Optional.of(properties);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] cannot read the file".formatted(file), e);
        }
    }
}
