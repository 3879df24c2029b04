package dev.firn.lake.storage;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.columns.ColumnCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/// A file of a store, all of whose bytes are of one version. Thread-safe; its streams are for one thread each.
///
/// Its streams read in ranges, so no request stays open while the caller is busy. A range that fails, even in
/// the middle of its bytes, is read again ([ReadRetries]). On S3, each request demands the ETag that was seen
/// first, so a file that is overwritten is never read half and half: the read ends with a
/// [FileChangedException]. If that ETag came from the cache, the read ends with an outage and the cache forgets the
/// file, so the next try reads the file as it is now.
///
/// Faults of the store leave as [dev.firn.lake.LakeException], [FileChangedException] or Iceberg's
/// `NotFoundException`. So whatever else a decoder throws that reads from here is about the bytes: the file is
/// damaged.
public final class StoreInput implements InputFile {
    private final String location;
    private final ReadRetries retries;
    private final Source source;
    /// What the table's metadata says; -1 if nothing does.
    private final long claimedLength;

    private final MetadataCache.@Nullable OfFile cache;
    private final TableCaches.@Nullable OfTable columns;
    private volatile long length;
    /// Whether the version to read was taken from the cache.
    private volatile boolean pinned;
    /// Of a local file, when it was first asked for.
    private volatile @Nullable String localVersion;

    /// Where the bytes come from.
    private interface Source {
        /// The length, if it is known without a request; else -1.
        default long knownLength() {
            return -1;
        }

        long length();

        boolean exists();

        FileRangeReader open();

        /// The version that is read; empty if it is not known yet, or the store names none.
        default String etag() {
            return "";
        }

        /// Reads this version only, if the store names versions; false if another one was read already.
        boolean pin(String etag);
    }

    private StoreInput(
            String location,
            ReadRetries retries,
            Source source,
            long claimedLength,
            MetadataCache.@Nullable OfFile cache,
            TableCaches.@Nullable OfTable columns) {
        this.columns = columns;
        this.location = location;
        this.retries = retries;
        this.source = source;
        this.claimedLength = claimedLength;
        this.length = claimedLength;
        this.cache = cache;
    }

    /// The same file, read as described above. Does nothing if it is one already.
    public static StoreInput of(InputFile file) {
        return of(file, Map.of());
    }

    /// Like [#of(InputFile)].
    ///
    /// @param properties those of the store: `firn.read-retry-limit-ms`
    public static StoreInput of(InputFile file, Map<String, String> properties) {
        return file instanceof StoreInput ours ? ours : of(file, -1, ReadRetries.of(properties));
    }

    /// @param claimed its length according to the table's metadata, or -1
    static StoreInput of(InputFile file, long claimed, ReadRetries retries) {
        Source any = new Source() {
            @Override
            public long length() {
                long length = file.getLength();
                if (length == 0 && !file.exists()) {
                    throw new NotFoundException("[%s] does not exist", file.location());
                }
                return length;
            }

            @Override
            public boolean exists() {
                return file.exists();
            }

            @Override
            public FileRangeReader open() {
                return new StreamedRanges(file::newStream);
            }

            @Override
            public boolean pin(String etag) {
                return true;
            }
        };
        return new StoreInput(file.location(), retries, any, claimed, null, null);
    }

    /// @param claimed its length according to the table's metadata, or -1
    static StoreInput ofS3(
            String location,
            long claimed,
            Supplier<S3Client> client,
            S3FileIOProperties properties,
            ReadRetries retries) {
        S3Ranges object = new S3Ranges(client, properties, location);
        Source s3 = new Source() {
            @Override
            public long knownLength() {
                return object.knownLength();
            }

            @Override
            public long length() {
                return object.length();
            }

            @Override
            public boolean exists() {
                object.length();
                return true;
            }

            @Override
            public FileRangeReader open() {
                return object::read;
            }

            @Override
            public String etag() {
                return object.etag();
            }

            @Override
            public boolean pin(String etag) {
                return object.pin(etag);
            }
        };
        return new StoreInput(location, retries, s3, claimed, null, null);
    }

    /// The same file; what is kept of it is kept for the table.
    public StoreInput keptIn(MetadataCache.OfTable table) {
        return table.file(location, claimedLength)
                .map(own -> new StoreInput(location, retries, source, claimedLength, own, columns))
                .orElse(this);
    }

    /// Like [#keptIn(MetadataCache.OfTable)]; columns are kept for the table too, if it is a file of rows.
    public StoreInput keptIn(TableCaches.OfTable table) {
        StoreInput kept = keptIn(table.metadata());
        return new StoreInput(location, retries, source, claimedLength, kept.cache, table);
    }

    /// Where unpacked columns of the version that is read are kept. Empty if they are not, or nothing was read yet and
    /// so the version is not known. That of a local file is looked up once: each column chunk that is read
    /// asks for it.
    public Optional<ColumnCache.OfFile> columns() {
        ColumnCache kept = columns == null ? null : columns.columns();
        if (columns == null || kept == null) {
            return Optional.empty();
        }
        Path local = LocalPath.of(location).orElse(null);
        String version = local == null ? versionInStore() : localVersion;
        if (version == null && local != null) {
            version = localVersion = currentVersion(local);
        }
        return Optional.ofNullable(version)
                .map(known -> new ColumnCache.OfFile(kept, columns.table(), location, known));
    }

    /// Whether the file still is the version of [#columns].
    public boolean isUnchanged(ColumnCache.OfFile file) {
        return file.version()
                .equals(LocalPath.of(location).map(StoreInput::currentVersion).orElseGet(this::versionInStore));
    }

    private String versionInStore() {
        return source.etag().isEmpty() ? "length " + getLength() : "etag " + source.etag();
    }

    /// Null if there is no such file.
    private static @Nullable String currentVersion(Path local) {
        boolean isUnix = local.getFileSystem().supportedFileAttributeViews().contains("unix");
        try {
            // a copy may keep the time of change, and then only its inode and the time of its arrival tell
            return new TreeMap<>(Files.readAttributes(
                            local, isUnix ? "unix:size,lastModifiedTime,ino,ctime" : "size,lastModifiedTime"))
                    .toString();
        } catch (IOException missing) {
            return null;
        }
    }

    /// Whether parts of the file may be kept.
    public boolean isKept() {
        return cache != null;
    }

    long claimedLength() {
        return claimedLength;
    }

    /// A part that was kept of the version that is read. Must not be changed.
    public <T> Optional<T> kept(String part, Class<T> type) {
        MetadataCache.Entry entry = cache == null ? null : cache.find(part);
        if (entry == null || !type.isInstance(entry.content()) || !source.pin(entry.etag())) {
            return Optional.empty();
        }
        pinned = true;
        return Optional.of(type.cast(entry.content()));
    }

    /// Keeps a part that was decoded without a fault. Does nothing without a cache.
    ///
    /// @param content must not be changed from now on
    /// @param bytes about its size in memory
    public void keep(String part, Object content, long bytes) {
        if (cache != null) {
            cache.keep(part, new MetadataCache.Entry(content, source.etag(), bytes));
        }
    }

    @Override
    public long getLength() {
        if (length < 0) {
            long known = source.knownLength();
            length = known < 0 ? retries.read(location, source::length) : known;
        }
        return length;
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public boolean exists() {
        try {
            return retries.read(location, source::exists);
        } catch (NotFoundException missing) {
            return false;
        }
    }

    @Override
    public StoreStream newStream() {
        return new StoreStream(this, source.open());
    }

    /// Reads up to `count` bytes; fewer only at the end of the file.
    int read(FileRangeReader ranges, long position, byte[] target, int from, int count) {
        long end = claimedLength < 0 ? Math.max(length, source.knownLength()) : claimedLength;
        if (count == 0 || (end >= 0 && position >= end)) {
            return 0;
        }
        int read;
        try {
            read = retries.read(location, () -> ranges.read(position, target, from, count));
        } catch (FileChangedException changed) {
            throw cache != null && pinned ? forgotten(cache, changed) : changed;
        }
        requireClaimedLength(position + read, read < count);
        return read;
    }

    private static LakeOutage forgotten(MetadataCache.OfFile cache, FileChangedException changed) {
        cache.forget();
        return new LakeOutage(
                LakeCode.STORAGE_UNAVAILABLE,
                changed.getMessage() + ". What was kept of it is forgotten; read the file again",
                changed);
    }

    /// Readers of Avro take the end of the bytes for the end of the rows, so a file that is shorter than the table's
    /// metadata says must not end silently.
    private void requireClaimedLength(long seen, boolean atEnd) {
        if (claimedLength < 0) {
            return;
        }
        long actual = source.knownLength();
        if (actual < 0 && atEnd && seen < claimedLength) {
            actual = seen;
        }
        if (actual >= 0 && actual != claimedLength) {
            throw new FileChangedException(
                    "[%s] has %d bytes, but the table's metadata says %d: it was cut off or overwritten"
                            .formatted(location, actual, claimedLength));
        }
    }

    @Override
    public String toString() {
        return location;
    }
}
