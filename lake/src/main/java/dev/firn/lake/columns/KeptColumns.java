package dev.firn.lake.columns;

import dev.firn.lake.columns.ColumnFolder.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which columns the folder holds, as far as this process knows, and which of them make room. Thread-safe.
final class KeptColumns {
    /// Each open column is a mapping, and Linux allows 65,530 of them in a process.
    static final int MAX_ENTRIES = 16_384;

    private static final Duration LISTED_EVERY = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(KeptColumns.class);

    private final ColumnFolder folder;
    private final long maxBytes;
    private final InstantSource clock;
    private final Map<String, KeptColumn> columns = new ConcurrentHashMap<>();
    private final LongAdder evictions = new LongAdder();
    private Instant listed = Instant.MIN;

    private KeptColumns(ColumnFolder folder, long maxBytes, InstantSource clock) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /// Finds what earlier processes left in the folder, and deletes what another version of Firn has written. If a
    /// process of that version still runs, what it writes later counts, and makes room like all else.
    static KeptColumns in(ColumnFolder folder, long maxBytes, InstantSource clock) throws IOException {
        KeptColumns kept = new KeptColumns(folder, maxBytes, clock);
        int swept = 0;
        for (Stored file : folder.list(clock.instant())) {
            if (file.isOfAnotherVersion() && folder.delete(file.name())) {
                swept++;
            }
        }
        if (swept > 0) {
            LOG.atInfo()
                    .addKeyValue("folder", folder.path(""))
                    .addKeyValue("files", swept)
                    .log("deleted columns that another version of Firn has kept");
        }
        kept.list();
        kept.makeRoom(0, Instant.MAX);
        return kept;
    }

    /// The column of this name, also if another process has written it meanwhile.
    @Nullable
    KeptColumn find(String name) {
        KeptColumn known = columns.get(name);
        return known == null && folder.exists(name) ? adopt(name) : known;
    }

    private @Nullable KeptColumn adopt(String name) {
        try {
            KeptColumn made = new KeptColumn(Files.size(folder.path(name)), clock.instant());
            KeptColumn other = columns.putIfAbsent(name, made);
            return other == null ? made : other;
        } catch (IOException gone) {
            return null;
        }
    }

    /// The column of this name that a reader holds; null if another one took its place.
    @Nullable
    KeptColumn holding(String name, StoredColumn held) {
        KeptColumn known = columns.get(name);
        return known != null && known.isOf(held) ? known : null;
    }

    /// Names a finished file, if there is room for it: see [#makeRoom].
    void add(String name, long bytes, Instant usedBefore, Path file) throws IOException {
        listAtTimes();
        if (!makeRoom(bytes, usedBefore)) {
            return;
        }
        Instant now = clock.instant();
        folder.finish(file, name, now);
        KeptColumn replaced = columns.put(name, new KeptColumn(bytes, now));
        if (replaced != null) {
            replaced.leave();
        }
    }

    private synchronized void listAtTimes() throws IOException {
        if (clock.instant().isAfter(listed.plus(LISTED_EVERY))) {
            list();
        }
    }

    /// Takes over what the folder holds: other processes write and evict too.
    private synchronized void list() throws IOException {
        Instant now = clock.instant();
        Map<String, Stored> stored = new HashMap<>();
        folder.list(now).forEach(file -> stored.put(file.name(), file));
        columns.forEach((name, column) -> {
            if (!stored.containsKey(name)) {
                forget(name, column);
            }
        });
        stored.forEach((name, file) -> {
            KeptColumn known = columns.putIfAbsent(name, new KeptColumn(file.bytes(), file.lastUsed()));
            if (known != null) {
                known.usedElsewhere(file.lastUsed());
            }
        });
        listed = now;
    }

    /// Whether [#makeRoom] will probably succeed, so that a column that does not fit is not read in vain.
    boolean hasRoom(long bytes, Instant usedBefore) {
        return bytes <= maxBytes
                && (bytes() + bytes <= maxBytes
                        || columns.values().stream()
                                .anyMatch(column -> !column.lastUsed().isAfter(usedBefore)));
    }

    /// @param lastUsed as it was when the victims were put in order: readers change it meanwhile
    private record Victim(String name, KeptColumn column, Instant lastUsed) {}

    /// Evicts what was used least recently until there is room; false if that would be a column that was used after
    /// `usedBefore`.
    private synchronized boolean makeRoom(long bytes, Instant usedBefore) throws IOException {
        long excess = bytes() + bytes - maxBytes;
        int surplus = columns.size() + 1 - MAX_ENTRIES;
        if (excess <= 0 && surplus <= 0) {
            return true;
        }
        if (bytes > maxBytes) {
            return false;
        }
        List<Victim> oldest = columns.entrySet().stream()
                .map(entry -> new Victim(
                        entry.getKey(), entry.getValue(), entry.getValue().lastUsed()))
                .sorted(Comparator.comparing(Victim::lastUsed))
                .toList();
        for (Victim victim : oldest) {
            if (excess <= 0 && surplus <= 0) {
                break;
            }
            if (victim.column.lastUsed().isAfter(usedBefore)) {
                return false;
            }
            folder.delete(victim.name);
            forget(victim.name, victim.column);
            evictions.increment();
            excess -= victim.column.bytes();
            surplus--;
        }
        return true;
    }

    void forget(String name, KeptColumn column) {
        columns.remove(name, column);
        column.leave();
    }

    void forgetAll() {
        columns.forEach(this::forget);
    }

    long maxBytes() {
        return maxBytes;
    }

    long bytes() {
        return columns.values().stream().mapToLong(KeptColumn::bytes).sum();
    }

    int size() {
        return columns.size();
    }

    long evictions() {
        return evictions.sum();
    }
}
