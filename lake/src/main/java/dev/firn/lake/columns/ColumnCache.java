package dev.firn.lake.columns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
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
    /// How many columns are remembered that were read once.
    private static final int MAX_SEEN = 65_536;

    /// After a failed write for all columns, after a failed read for one.
    static final Duration PAUSE = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(ColumnCache.class);

    private final ColumnFolder folder;
    private final KeptColumns kept;
    private final KeyLookups lookups;
    private final InstantSource clock;
    private final ColumnFills fills = new ColumnFills();
    /// When a column was used that is not kept; in the future if it is left alone until then.
    private final Cache<String, LastUse> seen =
            Caffeine.newBuilder().maximumSize(MAX_SEEN).executor(Runnable::run).build();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder writeFailures = new LongAdder();
    private final LongAdder damaged = new LongAdder();
    private volatile Instant pausedUntil = Instant.MIN;

    private static final class LastUse {
        private volatile Instant at;

        LastUse(Instant at) {
            this.at = at;
        }
    }

    /// What a column is read for: join columns are written first.
    public enum Use {
        JOIN,
        VALUES
    }

    private ColumnCache(ColumnFolder folder, KeptColumns kept, KeyLookups lookups, InstantSource clock) {
        this.folder = folder;
        this.kept = kept;
        this.lookups = lookups;
        this.clock = clock;
    }

    /// Opens the cache in a folder, which it creates, and finds what earlier processes left there.
    public static ColumnCache open(Path folder, long maxBytes, InstantSource clock) {
        return open(folder, maxBytes, KeyLookups.OF_FEW_KEYS, clock);
    }

    public static ColumnCache open(Path folder, long maxBytes, KeyLookups lookups, InstantSource clock) {
        try {
            ColumnFolder opened = ColumnFolder.open(folder);
            return new ColumnCache(opened, KeptColumns.in(opened, maxBytes, clock), lookups, clock);
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

    public KeyLookups lookups() {
        return lookups;
    }

    /// The column, held for the caller, who releases it.
    public Optional<StoredColumn> find(ColumnKey key) {
        fills.noteUse();
        String name = key.fileName();
        KeptColumn column = kept.find(name);
        StoredColumn found = column == null ? null : open(name, column, key);
        if (column == null || found == null) {
            misses.increment();
            return Optional.empty();
        }
        hits.increment();
        note(name, column);
        return Optional.of(found);
    }

    private @Nullable StoredColumn open(String name, KeptColumn column, ColumnKey key) {
        try {
            return column.held(folder.path(name), key);
        } catch (IOException gone) {
            kept.forget(name, column);
        } catch (DamagedColumnException e) {
            discard(name, column, e);
        }
        return null;
    }

    private void note(String name, KeptColumn column) {
        Instant now = clock.instant();
        if (column.used(now)) {
            try {
                folder.used(name, now);
            } catch (IOException gone) {
                // another process evicted it
            }
        }
    }

    /// A use of a column that is not kept: from the second one on it is written.
    public void missed(ColumnKey key, Use use, ColumnSource.Opening source) {
        String name = key.fileName();
        Instant now = clock.instant();
        LastUse last = seen.get(name, _ -> new LastUse(Instant.MIN));
        Instant before = last.at;
        if (!before.isAfter(now)) {
            last.at = now;
        }
        if (before.equals(Instant.MIN)
                || before.isAfter(now)
                || now.isBefore(pausedUntil)
                || key.bytes().length > ColumnLayout.MAX_KEY_BYTES) {
            source.close();
            return;
        }
        fills.add(name, use, () -> fill(key, name, before, source), source::close);
    }

    private void fill(ColumnKey key, String name, Instant usedBefore, ColumnSource.Opening opening) {
        if (clock.instant().isBefore(pausedUntil)
                || folder.exists(name)
                || !kept.hasRoom(opening.estimatedBytes(), usedBefore)) {
            return;
        }
        Path file = folder.unfinished();
        try {
            write(key, name, usedBefore, opening.open(), file);
        } catch (RuntimeException e) {
            // what the file has to say, it says to the request that reads it
            seen.put(name, new LastUse(clock.instant().plus(PAUSE)));
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

    private void write(ColumnKey key, String name, Instant usedBefore, ColumnSource source, Path file)
            throws IOException {
        long bytes;
        try (ColumnWriter writer =
                new ColumnWriter(folder.create(file), source.form(), source.width(), source.rows())) {
            source.writeTo(writer);
            bytes = writer.finish(key.bytes());
        }
        kept.add(name, bytes, usedBefore, file);
    }

    /// Deletes a column that a reader found damaged, unless another one did. The reader still holds it.
    public void discard(StoredColumn column, DamagedColumnException why) {
        String name = column.key().fileName();
        KeptColumn held = kept.holding(name, column);
        if (held != null) {
            discard(name, held, why);
        }
    }

    private void discard(String name, KeptColumn column, DamagedColumnException why) {
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
        kept.forget(name, column);
    }

    /// Waits until all that was asked for is written, without a pause for running requests; false after the time limit.
    /// For tests and benchmarks.
    public boolean awaitFills(Duration limit) throws InterruptedException {
        return fills.await(limit);
    }

    public long maxBytes() {
        return kept.maxBytes();
    }

    public long bytes() {
        return kept.bytes();
    }

    public int entries() {
        return kept.size();
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }

    public long evictions() {
        return kept.evictions();
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
        kept.forgetAll();
    }
}
