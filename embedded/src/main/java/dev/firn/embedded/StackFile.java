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

/// The state file `stack.json` of a data folder. It contains the stack's secret, so only its owner may read it.
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
                    StackException.Code.FOLDER_UNUSABLE, "[%s] cannot read the state file".formatted(file), e);
        }
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
