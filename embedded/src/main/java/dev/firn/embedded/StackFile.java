package dev.firn.embedded;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/// The state file `stack.json` of a data folder. It holds secrets of the stack's own, so only its owner may read it.
@JsonInclude(JsonInclude.Include.ALWAYS)
record StackFile(long pid, long startedAtMillis, StackAddresses addresses, List<Part> parts) {
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
            return Optional.of(JSON.readValue(file.toFile(), StackFile.class));
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] the state file cannot be read".formatted(file), e);
        }
    }

    void write(Path folder) {
        Path file = folder.resolve(FILE);
        Path next = folder.resolve(FILE + ".next");
        try {
            Files.deleteIfExists(next);
            DataFiles.createPrivate(next);
            JSON.writeValue(next.toFile(), this);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StackException(
                    StackException.Code.FOLDER_UNUSABLE, "[%s] the state file cannot be written".formatted(file), e);
        }
    }
}
