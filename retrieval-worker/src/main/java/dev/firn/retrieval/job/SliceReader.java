package dev.firn.retrieval.job;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.JoinMemory;
import dev.firn.engine.MemoryBudget;
import dev.firn.retrieval.job.values.ValueMemory;
import dev.firn.retrieval.spine.RowChunk;
import dev.firn.retrieval.spine.SpineRows;
import dev.firn.schemas.Code;
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

/// Cuts a spine into slices that fit in the memory budget. Each slice streams the tables once, so fewer slices are
/// better: a slice grows for as long as the budget gives more.
///
/// ## What a slice reserves
/// For `R` rows whose columns take `B` bytes, the job's lease holds
///
/// ```text
/// 2 · B + R · bytesPerRow + views · ages
///
/// bytesPerRow = (winners + states) · views + the greatest, over all views v, of
///               (the values of the views before v) + max(the joins of v, the values of v)
/// ```
///
/// The joins of `v` are its own, and those of later views that may share a pass with it or with a view before it
/// ([TablePasses]). *States* are what a run of a standing retrieval holds of the previous run's winners, and of its own
/// for the next. If it starts from the previous run, a join takes more: see [JoinMemory#refreshBytesPerRow]. A refresh
/// gathers values while it holds that, so then the joins and the values of `v` count both.
///
/// *ages* are the samples of [AgeQuantiles], of the rows of all slices so far.
///
/// `B` counts twice because the chunks and their concatenation exist at the same time. Views are joined one after the
/// other: what a join needs is free again when its values are gathered, but values stay until the slice is written. A
/// value counts as [#FEATURE_BYTES], since its width is not known before it is read. What is wider takes more of the
/// budget while it is gathered, or spills: see [ValueMemory], which gets `values · R` as each view's guarantee and the
/// rest of the lease as `otherBytes`.
///
/// ## Example
/// Two views with one key each: `u` with 3 features (48 bytes), `v` with 10 (160 bytes). A join takes 136 bytes,
/// winners take 32 per view.
///
/// ```text
/// u:  0 + max(136, 48)  = 136
/// v: 48 + max(136, 160) = 208
/// bytesPerRow = 2 · 32 + 208 = 272
/// ```
///
/// A million rows of 24 bytes reserve 48 + 272 = 320 MB beside the ages. Of these, 48 MB are guaranteed to the
/// values of `u` and 160 MB to those of `v`; `otherBytes` is 112 MB and the ages.
///
/// ## Why this way
/// The job waits for its first lease only, and after that grows without waiting. So no job waits while it holds memory,
/// and jobs cannot deadlock. If the budget has no more to give, the slice ends, and the chunk that did not fit begins
/// the next one. If not even one chunk fits, it is halved, down to a single row. If that does not fit, the caller tries
/// again later.
///
/// A slice of a run that starts from the previous one also ends where that one's rows end.
///
/// For one thread.
final class SliceReader implements AutoCloseable {
    private static final long FIRST_LEASE_BYTES = 8L << 20;
    /// Rows of a slice are addressed by int, and so are the bytes of a column.
    private static final int MAX_ROWS = 1 << 26;

    private static final long MAX_SPINE_BYTES = 1L << 30;
    private static final long FEATURE_BYTES = 16;

    private final SpineRows rows;
    private final Cancellation cancellation;
    private final long maxSpineRows;
    private final long knownRows;
    private final MemoryBudget.Lease lease;
    private final long bytesPerRow;
    private final int views;
    private final int maxAges;
    /// For each view.
    private final long[] valueBytesPerRow;

    /// What the lease may grow to. If a table may have deletes, half of the budget is left to them: they are held
    /// beside the lease.
    private final long maxLeaseBytes;

    /// Chunks that were read and did not fit into the slice before.
    private final Deque<RowChunk> pending = new ArrayDeque<>();
    private long rowsRead;
    private long rowsBefore;
    private long sliceRows;
    private long sliceBytes;

    /// Where the memory comes from, and how long a job waits for the first of it.
    ///
    /// @param states what the job keeps of winners
    record Memory(MemoryBudget budget, Duration maxWait, Refresh.States states) {}

    SliceReader(
            SpineRows rows,
            List<BoundView> views,
            CheckedRequest request,
            long maxSpineRows,
            Memory memory,
            Cancellation cancellation) {
        this.rows = rows;
        this.cancellation = cancellation;
        this.maxSpineRows = maxSpineRows;
        this.knownRows = memory.states().knownRows();
        this.bytesPerRow = bytesPerRow(views, request, memory.states());
        this.views = views.size();
        this.maxAges = AgeQuantiles.maxSamples(memory.budget().bytes(), views.size());
        this.valueBytesPerRow =
                views.stream().mapToLong(view -> valueBytes(view, request)).toArray();
        long budgetBytes = memory.budget().bytes();
        this.maxLeaseBytes = views.stream().anyMatch(SliceReader::mayHaveDeletes) ? budgetBytes / 2 : budgetBytes;
        try {
            this.lease = memory.budget()
                    .await(
                            Math.min(FIRST_LEASE_BYTES, maxLeaseBytes / 2),
                            "a retrieval",
                            memory.maxWait(),
                            cancellation::isCancelled);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        }
    }

    private static long bytesPerRow(List<BoundView> views, CheckedRequest request, Refresh.States states) {
        long gathered = 0;
        long most = 0;
        for (int v = 0; v < views.size(); v++) {
            long values = valueBytes(views.get(v), request);
            long joins = joinBytes(views, v);
            if (states.reads()) {
                int keys = views.get(v).keyTypes().size();
                joins += JoinMemory.refreshBytesPerRow(keys, states.percentAfresh()) + values;
            }
            most = Math.max(most, gathered + Math.max(joins, values));
            gathered += values;
        }
        long winners = JoinMemory.winnerBytesPerRow() + states.count() * JoinMemory.knownWinnerBytesPerRow();
        return winners * views.size() + most;
    }

    /// Bytes per row of the joins that exist while view `v` is joined.
    private static long joinBytes(List<BoundView> views, int v) {
        long bytes = 0;
        for (int w = v; w < views.size(); w++) {
            BoundView later = views.get(w);
            if (views.subList(0, v + 1).stream().anyMatch(view -> TablePasses.mayShare(view, later))) {
                bytes += JoinMemory.joinBytesPerRow(later.keyTypes().size());
            }
        }
        return bytes;
    }

    private static boolean mayHaveDeletes(BoundView view) {
        Long id = view.table().pin().snapshotId();
        Snapshot snapshot = id == null ? null : view.table().iceberg().snapshot(id);
        return snapshot != null
                && (snapshot.summary() == null
                        || !"0".equals(snapshot.summary().get(SnapshotSummary.TOTAL_DELETE_FILES_PROP)));
    }

    private static long valueBytes(BoundView view, CheckedRequest request) {
        return FEATURE_BYTES
                * Math.max(1, view.fieldsToRead().size() + (request.request().getIncludeEventTimestamps() ? 1 : 0));
    }

    /// The memory for the values of the latest slice.
    ValueMemory valueMemory() {
        long[] guaranteed = valueBytesPerRow.clone();
        long otherBytes = sliceBytes;
        for (int v = 0; v < guaranteed.length; v++) {
            guaranteed[v] *= sliceRows;
            otherBytes -= guaranteed[v];
        }
        return new ValueMemory(lease, Math.max(0, otherBytes), maxLeaseBytes, guaranteed);
    }

    /// The next slice; empty at the end.
    ///
    /// @throws BudgetExceededException if not even one row fits in memory now; transient
    Optional<RowChunk> next() {
        List<RowChunk> chunks = new ArrayList<>();
        long bytes = 0;
        long count = 0;
        while (count < MAX_ROWS && bytes < MAX_SPINE_BYTES) {
            RowChunk chunk = pending.isEmpty() ? read() : pending.pop();
            if (chunk == null) {
                break;
            }
            long known = knownRows - rowsBefore - count;
            if (known == 0 && count > 0) {
                pending.push(chunk);
                break;
            }
            if (known > 0 && known < chunk.rows()) {
                cut(chunk, (int) known);
                continue;
            }
            long needed = needed(bytes + chunk.bytes(), count + chunk.rows());
            if (!fits(needed, chunks.isEmpty() && chunk.rows() == 1)) {
                if (!chunks.isEmpty()) {
                    pending.push(chunk);
                    break;
                }
                cut(chunk, chunk.rows() / 2);
                continue;
            }
            chunks.add(chunk);
            bytes += chunk.bytes();
            count += chunk.rows();
        }
        sliceBytes = needed(bytes, count);
        rowsBefore += count;
        sliceRows = count;
        lease.resize(sliceBytes);
        return chunks.isEmpty() ? Optional.empty() : Optional.of(RowChunk.concat(chunks));
    }

    private long needed(long bytes, long count) {
        return 2 * bytes + bytesPerRow * count + views * AgeQuantiles.bytes(rowsBefore + count, maxAges);
    }

    private void cut(RowChunk chunk, int at) {
        pending.push(chunk.part(at, chunk.rows()));
        pending.push(chunk.part(0, at));
    }

    private @Nullable RowChunk read() {
        cancellation.check();
        RowChunk chunk = rows.next().orElse(null);
        if (chunk != null) {
            rowsRead += chunk.rows();
            if (rowsRead > maxSpineRows) {
                throw tooManyRows(maxSpineRows);
            }
        }
        return chunk;
    }

    static RetrievalRejected tooManyRows(long most) {
        return new RetrievalRejected(Code.SPINE_TOO_LARGE, "spine", "The spine has more than %d rows.".formatted(most));
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
