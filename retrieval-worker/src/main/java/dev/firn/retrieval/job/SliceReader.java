package dev.firn.retrieval.job;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;
import dev.firn.retrieval.job.values.ValueMemory;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.retrieval.spine.SpineRows;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.jspecify.annotations.Nullable;

/// Cuts a spine into slices that the memory budget holds. A small spine is one slice; a large one grows a slice
/// as long as the budget gives, and the rest follows in the next: each slice streams the tables once, so fewer
/// are better. For one thread.
final class SliceReader implements AutoCloseable {
    private static final long FIRST_LEASE_BYTES = 8L << 20;
    /// One slice's rows are addressed by int; arrays of bytes too.
    private static final int MAX_ROWS = 1 << 26;

    private static final long MAX_SPINE_BYTES = 1L << 30;
    /// Index, bounds and join of the view at work, until its winners are known.
    private static final long JOIN_BYTES = 136;

    /// For each key column beyond the first.
    private static final long KEY_BYTES = 64;

    private static final long WINNER_BYTES = 32;
    private static final long FEATURE_BYTES = 16;

    private final SpineRows rows;
    private final RetrievalLimits limits;
    private final MemoryBudget.Lease lease;
    private final long bytesPerRow;
    /// Of each view.
    private final long[] valueBytesPerRow;

    /// Bytes that the job may hold: deletes are held beside it, of the same budget.
    private final long maxLeaseBytes;

    private final Deque<RowChunk> pending = new ArrayDeque<>();
    private long rowsRead;
    private long sliceRows;
    private long sliceBytes;

    SliceReader(
            SpineRows rows,
            MemoryBudget budget,
            List<BoundView> views,
            CheckedRequest request,
            RetrievalLimits limits,
            Duration memoryWait,
            Cancellation cancellation) {
        this.rows = rows;
        this.limits = limits;
        this.bytesPerRow = bytesPerRow(views, request);
        this.valueBytesPerRow =
                views.stream().mapToLong(view -> valueBytes(view, request)).toArray();
        this.maxLeaseBytes = views.stream().anyMatch(SliceReader::mayHaveDeletes) ? budget.bytes() / 2 : budget.bytes();
        try {
            this.lease = budget.await(
                    Math.min(FIRST_LEASE_BYTES, maxLeaseBytes), "a retrieval", memoryWait, cancellation::isCancelled);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        }
    }

    /// Views are joined one after the other. What a join needs is free again when its values are gathered, and these
    /// stay until the slice is written.
    private static long bytesPerRow(List<BoundView> views, CheckedRequest request) {
        long gathered = 0;
        long most = 0;
        for (BoundView view : views) {
            long join = JOIN_BYTES + KEY_BYTES * (view.keyTypes().size() - 1);
            long values = valueBytes(view, request);
            most = Math.max(most, gathered + Math.max(join, values));
            gathered += values;
        }
        return WINNER_BYTES * views.size() + most;
    }

    private static boolean mayHaveDeletes(BoundView view) {
        Long id = view.table().pin().snapshotId();
        Snapshot snapshot = id == null ? null : view.table().iceberg().snapshot(id);
        return snapshot != null
                && (snapshot.summary() == null
                        || !"0".equals(snapshot.summary().get(SnapshotSummary.TOTAL_DELETE_FILES_PROP)));
    }

    private static long valueBytes(BoundView view, CheckedRequest request) {
        return FEATURE_BYTES * (view.features().size() + (request.request().getIncludeEventTimestamps() ? 1 : 0));
    }

    /// For the values of the slice that was read last.
    ValueMemory valueMemory() {
        long[] guaranteed = valueBytesPerRow.clone();
        long otherBytes = sliceBytes;
        for (int v = 0; v < guaranteed.length; v++) {
            guaranteed[v] *= sliceRows;
            otherBytes -= guaranteed[v];
        }
        return new ValueMemory(lease, Math.max(0, otherBytes), maxLeaseBytes, guaranteed);
    }

    /// The next rows; empty at the end.
    ///
    /// @throws BudgetExceededException when not even one row can be held now; transient
    Optional<RowChunk> next() {
        List<RowChunk> chunks = new ArrayList<>();
        long bytes = 0;
        long count = 0;
        while (count < MAX_ROWS && bytes < MAX_SPINE_BYTES) {
            RowChunk chunk = pending.isEmpty() ? read() : pending.pop();
            if (chunk == null) {
                break;
            }
            long needed = 2 * (bytes + chunk.bytes()) + bytesPerRow * (count + chunk.rows());
            if (!fits(needed, chunks.isEmpty() && chunk.rows() == 1)) {
                if (!chunks.isEmpty()) {
                    pending.push(chunk);
                    break;
                }
                halve(chunk);
                continue;
            }
            chunks.add(chunk);
            bytes += chunk.bytes();
            count += chunk.rows();
        }
        sliceRows = count;
        sliceBytes = 2 * bytes + bytesPerRow * count;
        lease.resize(sliceBytes);
        return chunks.isEmpty() ? Optional.empty() : Optional.of(RowChunk.concat(chunks));
    }

    private void halve(RowChunk chunk) {
        int middle = chunk.rows() / 2;
        pending.push(chunk.part(middle, chunk.rows()));
        pending.push(chunk.part(0, middle));
    }

    private @Nullable RowChunk read() {
        RowChunk chunk = rows.next().orElse(null);
        if (chunk != null) {
            rowsRead += chunk.rows();
            if (rowsRead > limits.maxSpineRows()) {
                throw new RetrievalRejected(
                        Code.SPINE_TOO_LARGE,
                        "spine",
                        "The spine has more than %d rows.".formatted(limits.maxSpineRows()));
            }
        }
        return chunk;
    }

    private boolean fits(long needed, boolean isSingleRow) {
        if (needed <= lease.bytes()) {
            return true;
        }
        if (needed > maxLeaseBytes && !isSingleRow) {
            return false;
        }
        try {
            lease.resize(needed);
            return true;
        } catch (BudgetExceededException e) {
            if (isSingleRow) {
                throw e;
            }
            return false;
        }
    }

    @Override
    public void close() {
        lease.close();
    }
}
