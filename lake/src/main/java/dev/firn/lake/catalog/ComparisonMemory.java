package dev.firn.lake.catalog;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/// Counts what a comparison of files keeps, in the budget that all comparisons of a process share. If others hold
/// what it needs, it ends as an outage and is made again later. If it needs more than the whole budget, it can
/// never be made. For one thread.
final class ComparisonMemory implements AutoCloseable {
    /// What an entry keeps beside the characters of its location: a key with its boxed numbers, the string, and
    /// its node and slot in a hash table.
    private static final long ENTRY_BYTES = 170;
    /// Beside its key, a file that Iceberg has read: its object, its partition and its numbers.
    private static final long FILE_BYTES = 500;
    /// A node and a slot in a second hash table of the same keys.
    private static final long COPY_BYTES = 50;
    /// Reserved at once, so that files do not take the budget's lock one by one.
    private static final long STEP_BYTES = 256 << 10;

    private final MemoryBudget budget;
    private final String table;
    private final MemoryBudget.Lease lease;
    private long used;
    private long reserved;

    ComparisonMemory(MemoryBudget budget, LakeTable table) {
        this.budget = budget;
        this.table = table.name().toString();
        this.lease = budget.acquire(0, "the comparison of files of " + table.name());
    }

    /// Counts the key of a file. False if the comparison needs more than the whole budget.
    boolean addKey(ContentFile<?> file) {
        return add(ENTRY_BYTES + file.location().length());
    }

    /// Counts a file with its key, like [#addKey].
    boolean addFile(ContentFile<?> file) {
        return add(ENTRY_BYTES + FILE_BYTES + file.location().length());
    }

    /// Counts a copy of a set of keys, and the files that a snapshot added and removed, like [#addKey]. They are
    /// read all at once, so they are counted before.
    boolean addUndone(int keys, Snapshot snapshot, FileIO io) {
        long files = 0;
        for (ManifestFile manifest : snapshot.allManifests(io)) {
            if (Long.valueOf(snapshot.snapshotId()).equals(manifest.snapshotId())) {
                files += count(manifest.addedFilesCount()) + count(manifest.deletedFilesCount());
            }
        }
        return add(keys * COPY_BYTES + files * (ENTRY_BYTES + FILE_BYTES));
    }

    private static long count(@Nullable Integer files) {
        return files == null ? 0 : files;
    }

    private boolean add(long bytes) {
        used += bytes;
        if (used <= reserved) {
            return true;
        }
        if (used > budget.bytes()) {
            return false;
        }
        long wanted = Math.min(budget.bytes(), used + STEP_BYTES);
        try {
            lease.resize(wanted);
        } catch (BudgetExceededException e) {
            throw new LakeOutage(
                    LakeCode.CATALOG_UNAVAILABLE,
                    "[" + table + "] other comparisons of files are using the memory: " + e.getMessage(),
                    e);
        }
        reserved = wanted;
        return true;
    }

    @Override
    public void close() {
        lease.close();
    }
}
