package dev.firn.lake.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A folder for the temporary files of this process, deleted when it ends. What a killed process leaves behind is swept
/// by the next one that starts.
///
/// The owner of a folder holds a lock on a file in it. The kernel releases the lock when the process ends, however it
/// ends, so whoever gets the lock may delete the folder. The lock file gets its name once it is locked, so nobody takes
/// a folder that is being made for an abandoned one. Only folders of the same user are swept, and their names cannot be
/// guessed, so nobody can plant a file in them: libraries are loaded from there.
public final class ProcessFolder implements AutoCloseable {
    private static final String PREFIX = "firn-process-";
    private static final String LOCK_FILE = ".lock";
    private static final String UNLOCKED_FILE = ".lock.new";

    /// A process that was killed while it made its folder leaves one without a lock file.
    private static final Duration UNFINISHED_AGE = Duration.ofHours(1);

    /// The folders of this JVM, by their real paths. A sweep must not even open their lock files: to close any channel
    /// of a file releases all POSIX locks that the process has on it.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path realPath;
    private final FileChannel channel;

    private ProcessFolder(Path folder, Path realPath, FileChannel channel) {
        this.folder = folder;
        this.realPath = realPath;
        this.channel = channel;
    }

    /// Sweeps `parent` and creates a folder in it that only this user can read.
    public static ProcessFolder create(Path parent) throws IOException {
        Files.createDirectories(parent);
        sweep(parent);
        Path folder = Files.createTempDirectory(parent, PREFIX);
        Path realPath = folder.toRealPath();
        Path unlocked = folder.resolve(UNLOCKED_FILE);
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IOException("[%s] cannot lock a file that was just created".formatted(unlocked));
        }
        OWN.add(realPath);
        Files.move(unlocked, folder.resolve(LOCK_FILE), StandardCopyOption.ATOMIC_MOVE);
        return new ProcessFolder(folder, realPath, channel);
    }

    /// Makes a folder in the JVM's temporary folder, and makes it the temporary folder of everything in this process,
    /// native libraries included. It is deleted when the JVM exits. Call it first in `main`: the JDK reads the
    /// property once.
    public static ProcessFolder forThisProcess() throws IOException {
        ProcessFolder made = create(Path.of(System.getProperty("java.io.tmpdir")));
        System.setProperty("java.io.tmpdir", made.path().toString());
        Runtime.getRuntime().addShutdownHook(new Thread(made::close, "firn-process-folder"));
        return made;
    }

    public Path path() {
        return folder;
    }

    /// Deletes the folders of processes that have ended. One that cannot be deleted is left for the next sweep.
    private static void sweep(Path parent) throws IOException {
        UserPrincipal me = null;
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path folder : folders) {
                if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    continue;
                }
                if (me == null) {
                    me = owner(parent);
                }
                sweepOne(folder, me);
            }
        }
    }

    /// The user as whom this process creates files.
    private static UserPrincipal owner(Path parent) throws IOException {
        Path file = Files.createTempFile(parent, "firn-owner-", "");
        try {
            return Files.getOwner(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void sweepOne(Path folder, UserPrincipal me) {
        Path lockFile = folder.resolve(LOCK_FILE);
        try {
            if (OWN.contains(folder.toRealPath())) {
                return;
            }
            if (!Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(me)) {
                return;
            }
            if (!Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
                if (Files.getLastModifiedTime(folder)
                        .toInstant()
                        .isBefore(Instant.now().minus(UNFINISHED_AGE))) {
                    delete(folder);
                }
                return;
            }
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    delete(folder);
                }
            }
        } catch (OverlappingFileLockException | IOException e) {
            // deleted by its owner or by another sweep, or not ours to delete
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException fault) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() {
        try (channel) {
            delete(folder);
        } catch (IOException e) {
            // the next process that starts sweeps it
        } finally {
            OWN.remove(realPath);
        }
    }
}
