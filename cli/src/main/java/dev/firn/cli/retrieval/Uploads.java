package dev.firn.cli.retrieval;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ExitCode;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// Uploads local spine files for the workers, below the first allowed location. A file is named by its content, so the
/// same file is the same spine for every retrieval, and is uploaded once.
final class Uploads {
    private final Storage storage;
    private final String folder;
    private int files;

    Uploads(Storage storage, List<String> allowed) {
        this.storage = storage;
        this.folder = allowed.getFirst().replaceAll("(?<!/)/++$", "") + "/uploads";
    }

    /// Numbers the names, so that files keep the order of the command line.
    String put(Path file) {
        if (!Files.isRegularFile(file)) {
            throw CommandFailure.usage("File not found: " + file);
        }
        String location = folder;
        try {
            String digest = copy(file, OutputStream.nullOutputStream());
            location = "%s/%05d-%s%s".formatted(folder, files++, digest, extension(file));
            if (!isUploaded(location)) {
                upload(file, digest, location);
            }
            return location;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "Cannot upload %s to %s: %s".formatted(file, location, CommandContext.reason(e)),
                    e);
        }
    }

    /// Who may not look uploads again, which gives the same object.
    private boolean isUploaded(String location) {
        try {
            return !storage.list(location).isEmpty();
        } catch (LakeRejection e) {
            if (e.lakeCode() == LakeCode.FILE_DENIED) {
                return false;
            }
            throw e;
        }
    }

    private void upload(Path file, String digest, String location) throws IOException {
        String uploaded;
        try (OutputStream target = storage.output(location).createOrOverwrite()) {
            uploaded = copy(file, target);
        }
        if (!uploaded.equals(digest)) {
            storage.delete(List.of(location));
            throw CommandFailure.usage("%s changed while it was uploaded; try again".formatted(file));
        }
    }

    /// @return the SHA-256 of what was copied
    private static String copy(Path file, OutputStream target) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream source = new DigestInputStream(Files.newInputStream(file), digest)) {
            source.transferTo(target);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The kind of a file that was named by hand is chosen by the user, not by this.
    private static String extension(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".csv") ? ".csv" : ".parquet";
    }
}
