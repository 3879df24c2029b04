package dev.firn.lake.columns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.firn.lake.columns.ColumnFolder.Stored;
import dev.firn.lake.columns.ColumnLayout.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps columns of tables' files unpacked on the local disk, within a number of bytes. Thread-safe.
///
/// Everything in it is immutable and named by what it was made from ([ColumnKey]), so nothing can be out of date. It
/// answers no question of rights: who may read a table, and where its files lie, is asked as without it.
///
/// A column is written in the background once it was read twice ([ColumnFills]). If the cache is full, the column that
/// was used least recently makes room, but only for one whose use before the last one is more recent: so a table larger
/// than the cache does not push out what is used, and itself, at each scan.
///
/// The folder may be shared ([ColumnFolder]). What another process wrote is found at once, and counted when the folder
/// is listed again.
public final class ColumnCache implements AutoCloseable {
    /// Each open column is a mapping, and Linux allows 65,530 of them in a process.
    static final int MAX_ENTRIES = 16_384;

    /// How many columns are remembered that were read once.
    private static final int MAX_SEEN = 65_536;

    private static final Duration LISTED_EVERY = Duration.ofSeconds(10);
    private static final Duration USES_NOTED_EVERY = Duration.ofMinutes(1);

    /// After a failed write for all columns, after a failed read for one.
    static final Duration PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(ColumnCache.class);

    private final ColumnFolder folder;
    private final long maxBytes;
    private final InstantSource clock;
    private final ColumnFills fills;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    /// When a column was used that is not kept; in the future if it is left alone until then.
    private final Cache<String, Instant> seen =
            Caffeine.newBuilder().maximumSize(MAX_SEEN).executor(Runnable::run).build();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder writeFailures = new LongAdder();
    private final LongAdder damaged = new LongAdder();
    private volatile Instant pausedUntil = Instant.MIN;
    private Instant listed = Instant.MIN;

    /// A column's file as this process knows it.
    private static final class Entry {
        final long bytes;
        volatile Instant lastUsed;
        volatile Instant noted;
        private @Nullable StoredColumn column;
        private boolean gone;

        Entry(long bytes, Instant lastUsed) {
            this.bytes = bytes;
            this.lastUsed = lastUsed;
            this.noted = lastUsed;
        }

        /// The column, held for the caller; null if the entry has gone.
        synchronized @Nullable StoredColumn held(Path path, ColumnKey key) throws IOException, DamagedColumnException {
            if (gone) {
                return null;
            }
            StoredColumn open = column;
            if (open == null) {
                open = StoredColumn.open(path, key);
                column = open;
            }
            return open.hold() ? open : null;
        }

        synchronized boolean isOf(StoredColumn other) {
            return column == other;
        }

        synchronized void leave() {
            gone = true;
            if (column != null) {
                column.release();
                column = null;
            }
        }
    }

    /// What a column is read for: join columns are written first.
    public enum Use {
        JOIN,
        VALUES
    }

    /// Reads a column from its file and passes it on, or throws if it cannot.
    public interface Source {
        Form form();

        /// Bytes of a value or a code; 0 for strings.
        int width();

        long rows();

        void writeTo(ColumnWriter target) throws IOException;
    }

    /// Opens the source of a column. It is called in another thread and later, if at all.
    public interface SourceOpening extends AutoCloseable {
        /// About the size of the column's file, without reading anything; rather too small than too large.
        long estimatedBytes();

        Source open();

        @Override
        void close();
    }

    private ColumnCache(ColumnFolder folder, long maxBytes, InstantSource clock) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.fills = new ColumnFills();
    }

    /// Opens the cache in a folder, which it creates, and finds what earlier processes left there.
    public static ColumnCache open(Path folder, long maxBytes, InstantSource clock) {
        try {
            ColumnCache cache = new ColumnCache(ColumnFolder.open(folder), maxBytes, clock);
            cache.list();
            cache.makeRoom(0, Instant.MAX);
            return cache;
        } catch (IOException e) {
            throw new UncheckedIOException("[%s] the cache cannot be opened: %s".formatted(folder, e), e);
        }
    }

    /// The columns of one version of one table's file.
    public record OfFile(ColumnCache cache, String table, String location, String version) {
        public ColumnKey key(int rowGroup, String column, String reading) {
            return new ColumnKey(table, location, version, rowGroup, column, reading);
        }
    }

    /// The column, held for the caller, who releases it.
    public Optional<StoredColumn> find(ColumnKey key) {
        fills.noteUse();
        String name = key.fileName();
        Entry entry = entries.get(name);
        if (entry == null && folder.exists(name)) {
            entry = adopt(name);
        }
        StoredColumn found = entry == null ? null : open(name, entry, key);
        if (entry == null || found == null) {
            misses.increment();
            return Optional.empty();
        }
        hits.increment();
        note(name, entry);
        return Optional.of(found);
    }

    /// Another process wrote it.
    private @Nullable Entry adopt(String name) {
        try {
            Entry made = new Entry(Files.size(folder.path(name)), clock.instant());
            Entry other = entries.putIfAbsent(name, made);
            return other == null ? made : other;
        } catch (IOException gone) {
            return null;
        }
    }

    private @Nullable StoredColumn open(String name, Entry entry, ColumnKey key) {
        try {
            return entry.held(folder.path(name), key);
        } catch (IOException gone) {
            forget(name, entry);
        } catch (DamagedColumnException e) {
            discard(name, entry, e);
        }
        return null;
    }

    private void note(String name, Entry entry) {
        Instant now = clock.instant();
        entry.lastUsed = now;
        if (entry.noted.plus(USES_NOTED_EVERY).isBefore(now)) {
            entry.noted = now;
            try {
                folder.used(name, now);
            } catch (IOException gone) {
                // another process evicted it
            }
        }
    }

    /// A use of a column that is not kept: from the second one on it is written.
    public void missed(ColumnKey key, Use use, SourceOpening source) {
        String name = key.fileName();
        Instant now = clock.instant();
        Instant before = seen.getIfPresent(name);
        if (before == null || !before.isAfter(now)) {
            seen.put(name, now);
        }
        if (before == null
                || before.isAfter(now)
                || now.isBefore(pausedUntil)
                || key.bytes().length > ColumnLayout.MAX_KEY_BYTES) {
            source.close();
            return;
        }
        fills.add(name, use, () -> fill(key, name, before, source), source::close);
    }

    private void fill(ColumnKey key, String name, Instant usedBefore, SourceOpening opening) {
        if (clock.instant().isBefore(pausedUntil)
                || folder.exists(name)
                || !hasRoom(opening.estimatedBytes(), usedBefore)) {
            return;
        }
        Path file = folder.unfinished();
        try {
            write(key, name, usedBefore, opening.open(), file);
        } catch (RuntimeException e) {
            // what the file has to say, it says to the request that reads it
            seen.put(name, clock.instant().plus(PAUSE));
            LOG.atDebug().setCause(e).log("a column was not written to the cache");
        } catch (ClosedByInterruptException e) {
            LOG.atDebug().log("the cache was closed while it wrote a column");
        } catch (IOException e) {
            if (e instanceof NoSuchFileException && folder.exists()) {
                LOG.atDebug().setCause(e).log("a column was deleted while it was written");
                return;
            }
            writeFailures.increment();
            pausedUntil = clock.instant().plus(PAUSE);
            LOG.atWarn()
                    .addKeyValue("folder", folder.path(""))
                    .addKeyValue("minutes", PAUSE.toMinutes())
                    .setCause(e)
                    .log("the cache of columns cannot be written; it is tried again later");
        } finally {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // swept later
            }
        }
    }

    /// Whether [#makeRoom] will probably succeed, so that a column that does not fit is not read in vain.
    private boolean hasRoom(long bytes, Instant usedBefore) {
        return bytes <= maxBytes
                && (bytes() + bytes <= maxBytes
                        || entries.values().stream().anyMatch(entry -> !entry.lastUsed.isAfter(usedBefore)));
    }

    private void write(ColumnKey key, String name, Instant usedBefore, Source source, Path file) throws IOException {
        long bytes;
        try (ColumnWriter writer =
                new ColumnWriter(folder.create(file), source.form(), source.width(), source.rows())) {
            source.writeTo(writer);
            bytes = writer.finish(key.bytes());
        }
        if (clock.instant().isAfter(listed.plus(LISTED_EVERY))) {
            list();
        }
        if (!makeRoom(bytes, usedBefore)) {
            return;
        }
        Instant now = clock.instant();
        folder.finish(file, name, now);
        Entry replaced = entries.put(name, new Entry(bytes, now));
        if (replaced != null) {
            replaced.leave();
        }
    }

    /// Takes over what the folder holds: other processes write and evict too.
    private synchronized void list() throws IOException {
        Instant now = clock.instant();
        Map<String, Stored> stored = new HashMap<>();
        folder.list(now).forEach(file -> stored.put(file.name(), file));
        entries.forEach((name, entry) -> {
            if (!stored.containsKey(name)) {
                forget(name, entry);
            }
        });
        stored.forEach((name, file) -> {
            Entry known = entries.putIfAbsent(name, new Entry(file.bytes(), file.lastUsed()));
            if (known != null && known.lastUsed.isBefore(file.lastUsed())) {
                known.lastUsed = file.lastUsed();
            }
        });
        listed = now;
    }

    /// @param lastUsed as it was when the victims were put in order: readers change it meanwhile
    private record Victim(String name, Entry entry, Instant lastUsed) {}

    /// Evicts what was used least recently until there is room; false if that would be a column that was used after
    /// `usedBefore`.
    private synchronized boolean makeRoom(long bytes, Instant usedBefore) throws IOException {
        long excess = bytes() + bytes - maxBytes;
        int surplus = entries.size() + 1 - MAX_ENTRIES;
        if (excess <= 0 && surplus <= 0) {
            return true;
        }
        if (bytes > maxBytes) {
            return false;
        }
        List<Victim> oldest = entries.entrySet().stream()
                .map(entry -> new Victim(entry.getKey(), entry.getValue(), entry.getValue().lastUsed))
                .sorted(Comparator.comparing(Victim::lastUsed))
                .toList();
        for (Victim victim : oldest) {
            if (excess <= 0 && surplus <= 0) {
                break;
            }
            if (victim.entry.lastUsed.isAfter(usedBefore)) {
                return false;
            }
            folder.delete(victim.name);
            forget(victim.name, victim.entry);
            evictions.increment();
            excess -= victim.entry.bytes;
            surplus--;
        }
        return true;
    }

    private void forget(String name, Entry entry) {
        entries.remove(name, entry);
        entry.leave();
    }

    /// Deletes a column that a reader found damaged, unless another one did. The reader still holds it.
    public void discard(StoredColumn column, DamagedColumnException why) {
        String name = column.key().fileName();
        Entry entry = entries.get(name);
        if (entry != null && entry.isOf(column)) {
            discard(name, entry, why);
        }
    }

    private void discard(String name, Entry entry, DamagedColumnException why) {
        damaged.increment();
        LOG.atWarn()
                .addKeyValue("file", folder.path(name))
                .addKeyValue("reason", why.getMessage())
                .log("a column in the cache is damaged; the table's file is read instead");
        try {
            folder.delete(name);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("file", folder.path(name)).setCause(e).log("a damaged column cannot be deleted");
        }
        forget(name, entry);
    }

    /// Waits until all that was asked for is written, without a pause for running requests; false after the time limit.
    /// For tests and benchmarks.
    public boolean awaitFills(Duration limit) throws InterruptedException {
        return fills.await(limit);
    }

    public long maxBytes() {
        return maxBytes;
    }

    public long bytes() {
        return entries.values().stream().mapToLong(entry -> entry.bytes).sum();
    }

    public int entries() {
        return entries.size();
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }

    public long evictions() {
        return evictions.sum();
    }

    /// Writes that failed, because the disk is full or broken.
    public long writeFailures() {
        return writeFailures.sum();
    }

    /// Columns that were found damaged and deleted.
    public long damaged() {
        return damaged.sum();
    }

    /// Ends the writing; what is being written is given up. Files stay for the next process.
    @Override
    public void close() {
        fills.close();
        entries.forEach(this::forget);
    }
}
