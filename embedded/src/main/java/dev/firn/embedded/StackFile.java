package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The state file `stack.json` of a data folder. It contains the stack's secret, so only its owner may read it.
@JsonInclude(JsonInclude.Include.ALWAYS)
record StackFile(long pid, long start, StackAddresses addresses, List<Part> parts) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String FILE = "stack.json";

    StackFile {
        parts = List.copyOf(parts);
    }

    static Optional<StackFile> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(JSON.readTree(file.toFile())));
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] cannot read the state file".formatted(file), e);
        }
    }

    /// Read by hand: every command reads the file, and to reflect on the records takes longer than many commands run.
    /// Stacks of earlier versions have no `kafkaAccess` in their state file.
    private static StackFile of(JsonNode json) throws IOException {
        JsonNode addresses = json.path("addresses");
        JsonNode access = addresses.path("kafkaAccess");
        List<Part> parts = new ArrayList<>();
        for (JsonNode part : json.path("parts")) {
            parts.add(new Part(
                    text(part, "name"),
                    text(part, "address"),
                    part.path("pid").asLong(),
                    part.path("start").asLong(),
                    text(part, "log"),
                    text(part, "folder"),
                    new HealthProbe(
                            URI.create(text(part.path("probe"), "address")), text(part.path("probe"), "expects")),
                    texts(part.path("credentials"))));
        }
        return new StackFile(
                json.path("pid").asLong(),
                json.path("start").asLong(),
                new StackAddresses(
                        text(addresses, "bootstrapServers"),
                        text(addresses, "schemaRegistryUrl"),
                        text(addresses, "s3Endpoint"),
                        text(addresses, "accessKey"),
                        text(addresses, "secretKey"),
                        text(addresses, "region"),
                        text(addresses, "trinoHost"),
                        addresses.path("trinoPort").asInt(),
                        text(addresses, "trinoUser"),
                        text(addresses, "catalogUri"),
                        text(addresses, "warehouse"),
                        access.isObject()
                                ? new KafkaAccess(text(access, "certificate"), texts(access.path("passwords")))
                                : KafkaAccess.OPEN),
                parts);
    }

    private static String text(JsonNode json, String field) throws IOException {
        JsonNode value = json.path(field);
        if (!value.isTextual()) {
            throw new IOException("field '%s' is missing".formatted(field));
        }
        return value.textValue();
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> texts = new LinkedHashMap<>();
        json.properties()
                .forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }

    void write(Path folder) {
        Path file = folder.resolve(FILE);
        Path temporary = folder.resolve(FILE + ".next");
        try {
            Files.deleteIfExists(temporary);
            DataFiles.createPrivate(temporary);
            JSON.writeValue(temporary.toFile(), this);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] cannot write the state file".formatted(file), e);
        }
    }
}
