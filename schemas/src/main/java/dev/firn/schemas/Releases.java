package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaParser;
import org.apache.avro.specific.SpecificRecord;

/// The schemas of every released version, which are kept forever: `released/<version>/<Record>.avsc`, each
/// self-contained, and the list `released/versions`, oldest first.
public final class Releases {
    private static final String FOLDER = "/released/";

    private Releases() {}

    /// The events of topics, each once, in the order of [Topic].
    static List<Class<? extends SpecificRecord>> events() {
        return Arrays.stream(Topic.values())
                .<Class<? extends SpecificRecord>>mapMulti(
                        (topic, sink) -> topic.event().ifPresent(sink))
                .distinct()
                .toList();
    }

    /// All released versions, oldest first.
    static List<String> versions() {
        return text("versions").stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /// The released schemas of one event by version, oldest first, without versions that did not have it.
    static Map<String, Schema> byVersion(String event) {
        var schemas = new LinkedHashMap<String, Schema>();
        for (String version : versions()) {
            text(version + "/" + event + ".avsc")
                    .ifPresent(json -> schemas.put(version, SchemaParser.parseSingle(json)));
        }
        return schemas;
    }

    static List<Schema> schemas(String event) {
        return List.copyOf(byVersion(event).values());
    }

    /// The schema of a generated class as it is released and registered: self-contained and [portable][PortableSchema].
    public static Schema current(Class<? extends SpecificRecord> event) {
        return PortableSchema.of(EventModel.INSTANCE.getSchema(event));
    }

    /// Writes the current schemas as `version` below `folder` (`src/main/resources/released`).
    static void write(Path folder, String version) throws IOException {
        Files.createDirectories(folder.resolve(version));
        for (Class<? extends SpecificRecord> event : events()) {
            Files.writeString(
                    folder.resolve(version).resolve(event.getSimpleName() + ".avsc"),
                    SchemaFormatter.format("json/pretty", current(event)) + "\n",
                    UTF_8);
        }
        Path versions = folder.resolve("versions");
        String known = Files.exists(versions) ? Files.readString(versions, UTF_8) : "";
        if (known.lines().noneMatch(version::equals)) {
            Files.writeString(versions, known + version + "\n", UTF_8);
        }
    }

    private static Optional<String> text(String name) {
        try (InputStream in = Releases.class.getResourceAsStream(FOLDER + name)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
