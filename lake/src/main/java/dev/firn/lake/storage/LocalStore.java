package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/// The local file system, for tests and single-machine use. Files appear atomically: the content is written to a
/// temporary file, which is then linked to its name; that fails if the name is taken. The ETag is a digest of the
/// content.
final class LocalStore implements SchemeStore {
    private static final int MAX_LISTED = 100_000;

    @Override
    public InputFile input(Location location) {
        return StoreInput.of(org.apache.iceberg.Files.localInput(path(location).toFile()));
    }

    @Override
    public OutputFile output(Location location) {
        return org.apache.iceberg.Files.localOutput(path(location).toFile());
    }

    @Override
    public PutOutcome putIfAbsent(Location location, byte[] content, Owner owner) {
        Path target = path(location);
        try {
            Files.createDirectories(target.getParent());
            Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
            try {
                Files.write(temporary, content);
                Files.createLink(target, temporary);
                return PutOutcome.CREATED;
            } catch (FileAlreadyExistsException taken) {
                boolean ours = owner == Owner.BY_CONTENT && Arrays.equals(Files.readAllBytes(target), content);
                return ours ? PutOutcome.CREATED : PutOutcome.ALREADY_THERE;
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "[" + location + "] writing failed: " + Reason.of(e), e);
        }
    }

    @Override
    public byte[] read(Location location, int maxBytes) {
        try (InputStream stream = Files.newInputStream(path(location))) {
            long length = Files.size(path(location));
            if (length > maxBytes) {
                throw new LakeRejection(
                        LakeCode.FILE_TOO_LARGE,
                        "[" + location + "] has " + length + " bytes, the limit is " + maxBytes);
            }
            return stream.readNBytes(maxBytes);
        } catch (IOException e) {
            throw reading(location, e);
        }
    }

    @Override
    public List<StoredFile> list(Location location, boolean asFolder) {
        Path root = path(location);
        if (!Files.exists(root) || (asFolder && !Files.isDirectory(root))) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(root)) {
            List<StoredFile> files = paths.filter(Files::isRegularFile)
                    .limit(MAX_LISTED + 1L)
                    .map(this::stored)
                    .sorted(Comparator.comparing(StoredFile::location, PathOrder.UTF8))
                    .toList();
            if (files.size() > MAX_LISTED) {
                throw new LakeRejection(
                        LakeCode.FILE_TOO_LARGE, "[" + location + "] contains more than " + MAX_LISTED + " files");
            }
            return files;
        } catch (IOException e) {
            throw reading(location, e);
        } catch (UncheckedIOException e) {
            throw reading(location, Objects.requireNonNull(e.getCause()));
        }
    }

    private StoredFile stored(Path file) {
        try {
            Location location = Location.parse(file.toString());
            return new StoredFile(location.toString(), Files.size(file), etag(location));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void walk(Location folder, Consumer<AgedFile> visitor) {
        Path root = path(folder);
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            List<AgedFile> files = new ArrayList<>();
            for (Path file : paths.filter(Files::isRegularFile).toList()) {
                files.add(new AgedFile(
                        Location.parse(file.toString()).toString(),
                        Files.getLastModifiedTime(file).toInstant(),
                        ""));
            }
            files.sort(Comparator.comparing(AgedFile::location, PathOrder.UTF8));
            files.forEach(visitor);
        } catch (IOException e) {
            throw reading(folder, e);
        }
    }

    /// A file that is not complete has another name, which its writer deletes.
    @Override
    public int abandonUploads(Location folder, Instant before) {
        return 0;
    }

    @Override
    public String etag(Location location) {
        try (InputStream stream = Files.newInputStream(path(location))) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw reading(location, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void delete(Location location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new LakeOutage(
                    LakeCode.STORAGE_UNAVAILABLE, "[" + location + "] deleting failed: " + Reason.of(e), e);
        }
    }

    @Override
    public void deleteUnchanged(Location location, String etag) {
        if (Files.exists(path(location)) && etag(location).equals(etag)) {
            delete(location);
        }
    }

    @Override
    public void close() {}

    private static RuntimeException reading(Location location, IOException fault) {
        return switch (fault) {
            case NoSuchFileException gone ->
                new LakeRejection(LakeCode.FILE_NOT_FOUND, "[" + location + "] does not exist", null, gone);
            case AccessDeniedException denied ->
                new LakeRejection(LakeCode.FILE_DENIED, "[" + location + "] permission denied", null, denied);
            default ->
                new LakeOutage(
                        LakeCode.STORAGE_UNAVAILABLE, "[" + location + "] reading failed: " + Reason.of(fault), fault);
        };
    }

    private static Path path(Location location) {
        return Path.of("/" + location.key());
    }
}
