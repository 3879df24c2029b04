package dev.firn.lake.columns;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/// The folder of the cache. Several processes may share it without locks: a file appears whole, by a rename, never
/// changes, and disappears by an unlink. Two processes that write the same column write the same bytes.
///
/// The time of change of a file is the time of its last use. Files that are not named as the cache names them, and
/// whatever is not a file, are left alone: the folder may hold other things. Thread-safe.
final class ColumnFolder {
    private static final String COLUMN = ".column";
    /// Of what this version of Firn writes and reads.
    static final String SUFFIX = "." + ColumnLayout.VERSION + COLUMN;
    private static final String UNFINISHED = ".writing";
    private static final Pattern OURS =
            Pattern.compile("[0-9a-f]{40}(\\.[0-9]+)?\\.column|(probe[0-9]+|[0-9a-f-]{36})\\.writing");

    /// Writing one column takes seconds. One that a killed process began is deleted after this time.
    static final Duration UNFINISHED_AGE = Duration.ofMinutes(10);

    private final Path folder;
    private final boolean isPosix;

    private ColumnFolder(Path folder, boolean isPosix) {
        this.folder = folder;
        this.isPosix = isPosix;
    }

    /// Creates the folder, for this user alone, if it does not exist.
    static ColumnFolder open(Path folder) throws IOException {
        boolean isPosix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        Files.createDirectories(folder, permissions(isPosix, "rwx------"));
        Path probe = Files.createTempFile(folder, "probe", UNFINISHED);
        Files.delete(probe);
        return new ColumnFolder(folder, isPosix);
    }

    private static FileAttribute<?>[] permissions(boolean isPosix, String permissions) {
        return isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /// A column's file.
    record Stored(String name, long bytes, Instant lastUsed) {
        /// Whether another version of Firn has written it.
        boolean isOfAnotherVersion() {
            return !name.endsWith(SUFFIX);
        }
    }

    /// All columns, also those of other versions. Deletes what was left unfinished.
    List<Stored> list(Instant now) throws IOException {
        List<Stored> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!OURS.matcher(name).matches()) {
                    continue;
                }
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (IOException gone) {
                    continue;
                }
                if (!attributes.isRegularFile()) {
                    continue;
                }
                Instant changed = attributes.lastModifiedTime().toInstant();
                if (name.endsWith(COLUMN)) {
                    found.add(new Stored(name, attributes.size(), changed));
                } else if (changed.isBefore(now.minus(UNFINISHED_AGE))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    boolean exists() {
        return Files.isDirectory(folder);
    }

    boolean exists(String name) {
        return Files.isRegularFile(path(name), LinkOption.NOFOLLOW_LINKS);
    }

    /// A new file without its final name.
    Path unfinished() {
        return folder.resolve(UUID.randomUUID() + UNFINISHED);
    }

    FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                permissions(isPosix, "rw-------"));
    }

    /// Gives a finished file its name.
    void finish(Path file, String name, Instant now) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(now));
        Files.move(file, path(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void used(String name, Instant when) throws IOException {
        Files.setLastModifiedTime(path(name), FileTime.from(when));
    }

    /// Returns false if it was deleted already.
    boolean delete(String name) throws IOException {
        return Files.deleteIfExists(path(name));
    }
}
