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

/// Uploads local spine files for the workers, to a folder of the request in the first allowed location.
final class Uploads {
    private final Storage storage;
    private final String folder;
    private int files;

    Uploads(Storage storage, List<String> allowed, String requestId) {
        this.storage = storage;
        this.folder = allowed.getFirst().replaceAll("(?<!/)/++$", "") + "/uploads/" + requestId;
    }

    /// Numbers the names, so that files keep the order of the command line.
    String put(Path file) {
        if (!Files.isRegularFile(file)) {
            throw CommandFailure.usage("File not found: " + file);
        }
        String location = "%s/%05d-%s"
                .formatted(folder, files++, sanitized(file.getFileName().toString()));
        try (OutputStream target = storage.output(location).createOrOverwrite()) {
            Files.copy(file, target);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "Cannot upload %s to %s: %s".formatted(file, location, CommandContext.reason(e)),
                    e);
        }
        return location;
    }

    private static String sanitized(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]", "_");
    }
}
