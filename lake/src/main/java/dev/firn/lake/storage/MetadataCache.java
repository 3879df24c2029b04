package dev.firn.lake.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps, within a limit of memory, what was read of the files of tables besides their rows: metadata files, manifest
/// lists, manifests, footers of Parquet files, and the indexes, Bloom filters and dictionaries that filters ask.
///
/// Such files never change under their name, so an entry is never out of date. What is known of a file's version still
/// counts: an S3 object is read further only as the version with the ETag of the entry ([StoreInput]), and a local
/// file is another one once its size or its time of change is another one.
///
/// The cache answers no question of rights. Who may read a table, and where its files may lie, is asked as without it.
/// What was read for one table is found for that table only, so a table cannot show what the store would deny to it by
/// naming files of another table.
///
/// Only what could be decoded is kept. Bytes are kept as they are stored and decoded at each use, so each check of them
/// runs at each use; of footers the decoded form is kept. Thread-safe.
public final class MetadataCache {
    /// Keeps nothing.
    public static final MetadataCache NONE = new MetadataCache(0);

    /// Of an entry without its content and the name of its file.
    private static final int ENTRY_BYTES = 300;

    /// Iceberg creates the file IO of a catalog, so a catalog's load finds the table that it is for here.
    private static final ScopedValue<OfTable> LOADED = ScopedValue.newInstance();

    private final long maxBytes;
    private final Cache<Key, Entry> entries;

    private record Key(String table, String location, long length, long modified, String part) {}

    /// @param etag of the version that the content is from; empty if the store names none
    record Entry(Object content, String etag, long bytes) {}

    public MetadataCache(long maxBytes) {
        this.maxBytes = maxBytes;
        this.entries = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher(MetadataCache::weight)
                .executor(Runnable::run)
                .recordStats()
                .build();
    }

    private static int weight(Key key, Entry entry) {
        return (int) Math.min(ENTRY_BYTES + 2L * key.location.length() + entry.bytes, Integer.MAX_VALUE);
    }

    public long maxBytes() {
        return maxBytes;
    }

    public long bytes() {
        return entries.policy()
                .eviction()
                .map(Policy.Eviction::weightedSize)
                .orElseThrow()
                .orElse(0);
    }

    public long hits() {
        return entries.stats().hitCount();
    }

    public long misses() {
        return entries.stats().missCount();
    }

    public long evictions() {
        return entries.stats().evictionCount();
    }

    /// The part of the cache for one table.
    public OfTable ofTable(String table) {
        return new OfTable(table);
    }

    /// The file, kept with the table that this thread loads, if it loads one.
    public static StoreInput keptWhileLoading(StoreInput file) {
        return LOADED.isBound() ? file.keptIn(LOADED.get()) : file;
    }

    /// What is kept for one table. Thread-safe.
    public final class OfTable {
        private final String table;

        private OfTable(String table) {
            this.table = table;
        }

        /// Does the work. The metadata files that it reads in this thread are kept for this table.
        public <T> T loading(Callable<T> work) throws Exception {
            return ScopedValue.where(LOADED, this).call(work::call);
        }

        /// Forgets everything: something that was read of the table was damaged or gone.
        public void forget() {
            entries.asMap().keySet().removeIf(key -> key.table.equals(table));
        }

        /// Empty if nothing is kept, or the file is local and missing.
        ///
        /// @param length what the table's metadata says; -1 if nothing does
        Optional<OfFile> file(String location, long length) {
            if (maxBytes == 0) {
                return Optional.empty();
            }
            Path local = LocalPath.of(location).orElse(null);
            if (local == null) {
                return Optional.of(new OfFile(table, location, length, -1));
            }
            try {
                return Optional.of(new OfFile(
                        table,
                        location,
                        Files.size(local),
                        Files.getLastModifiedTime(local).to(TimeUnit.NANOSECONDS)));
            } catch (IOException missing) {
                return Optional.empty();
            }
        }
    }

    /// What is kept of one version of a file. Thread-safe.
    final class OfFile {
        private final String table;
        private final String location;
        private final long length;
        private final long modified;

        private OfFile(String table, String location, long length, long modified) {
            this.table = table;
            this.location = location;
            this.length = length;
            this.modified = modified;
        }

        private Key key(String part) {
            return new Key(table, location, length, modified, part);
        }

        @Nullable
        Entry find(String part) {
            return entries.getIfPresent(key(part));
        }

        void keep(String part, Entry entry) {
            entries.put(key(part), entry);
        }

        void forget() {
            entries.asMap().keySet().removeIf(key -> key.table.equals(table) && key.location.equals(location));
        }
    }
}
