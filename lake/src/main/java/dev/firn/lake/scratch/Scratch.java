package dev.firn.lake.scratch;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.storage.ProcessFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The temporary files of this process: a [ProcessFolder], and a quota for what is spilled there. Thread-safe.
public final class Scratch implements AutoCloseable {
    /// Default quota.
    public static final long QUOTA_BYTES = 64L << 30;

    private static volatile Scratch process = new Scratch(Path.of(System.getProperty("java.io.tmpdir")), QUOTA_BYTES);

    private final Path root;
    private final long quotaBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private @Nullable ProcessFolder opened;

    private Scratch(Path root, long quotaBytes) {
        if (quotaBytes < 1) {
            throw new IllegalArgumentException("quota must be positive, got %d bytes".formatted(quotaBytes));
        }
        this.root = root.toAbsolutePath();
        this.quotaBytes = quotaBytes;
    }

    /// The scratch of this process: below the JVM's temporary folder, unless [#use] has set another.
    public static Scratch ofProcess() {
        return process;
    }

    /// Uses a folder and a quota from now on, and deletes what killed processes left in the folder. Call it when
    /// the process starts, before anything is spilled. The caller closes it.
    public static Scratch use(Path root, long quotaBytes) {
        Scratch scratch = open(root, quotaBytes);
        process = scratch;
        return scratch;
    }

    static Scratch open(Path root, long quotaBytes) {
        Scratch scratch = new Scratch(root, quotaBytes);
        scratch.folder();
        return scratch;
    }

    /// The folder of this process, which is created at the first call.
    synchronized Path folder() {
        ProcessFolder folder = opened;
        if (folder == null) {
            try {
                folder = ProcessFolder.create(root);
            } catch (IOException e) {
                throw new UncheckedIOException("[%s] the folder for temporary files cannot be used".formatted(root), e);
            }
            opened = folder;
        }
        return folder.path();
    }

    /// Bytes in temporary files now.
    public long usedBytes() {
        return usedBytes.get();
    }

    /// Creates an empty file for writing and reading.
    public ScratchFile create() {
        return ScratchFile.create(this);
    }

    void reserve(long bytes) {
        if (usedBytes.addAndGet(bytes) > quotaBytes) {
            usedBytes.addAndGet(-bytes);
            throw new LakeOutage(
                    LakeCode.SCRATCH_FULL,
                    "[%s] temporary files would exceed the quota of %d bytes".formatted(root, quotaBytes),
                    null);
        }
    }

    void release(long bytes) {
        usedBytes.addAndGet(-bytes);
    }

    /// Deletes the folder.
    @Override
    public synchronized void close() {
        ProcessFolder folder = opened;
        opened = null;
        if (folder != null) {
            folder.close();
        }
    }
}
