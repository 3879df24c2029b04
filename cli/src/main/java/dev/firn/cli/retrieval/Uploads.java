package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.lake.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Puts local spine files where workers may read them: below the first allowed location, in a folder of the request.
final class Uploads {
    private final Storage storage;
    private final String folder;
    private int files;

    Uploads(Storage storage, List<String> allowed, String requestId) {
        this.storage = storage;
        this.folder = allowed.getFirst().replaceAll("/+$", "") + "/uploads/" + requestId;
    }

    /// Names are numbered, so that several files keep the order in which they were given.
    String put(Path file) {
        if (!Files.isRegularFile(file)) {
            throw CommandFailure.usage("There is no file " + file);
        }
        String location = "%s/%05d-%s"
                .formatted(folder, files++, sanitized(file.getFileName().toString()));
        try (OutputStream target = storage.output(location).createOrOverwrite()) {
            Files.copy(file, target);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "%s cannot be put to %s: %s".formatted(file, location, CommandContext.reason(e)),
                    e);
        }
        return location;
    }

    private static String sanitized(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }
}
