package dev.firn.engine;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/// Collects all entities as of a time: the keys that have a candidate at that time in at least one view.
///
/// Memory is bounded by reading the feature rows in several passes. A pass keeps the keys in its share of the hash
/// range, at most `maxEntities` keys and `maxBytes` bytes. The passes' keys are disjoint, and together they are
/// complete. An entity takes 24 to 48 bytes, plus its encoded key unless the key is one long column.
public final class EntityCollector {
    private final List<KeyOrder> orders;
    private final List<Class<?>> kinds;
    private final int pass;
    private final int passes;
    private final int maxEntities;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final KeyTable table;

    /// `pass` counts from 0. [#sortedKeys] needs about twice `maxBytes` more.
    public EntityCollector(List<KeyOrder> keys, int pass, int passes, int maxEntities, long maxBytes) {
        if (pass < 0 || pass >= passes || maxEntities < 1) {
            throw new IllegalArgumentException(
                    "invalid pass %d of %d with at most %d entities".formatted(pass, passes, maxEntities));
        }
        this.orders = List.copyOf(keys);
        this.kinds = orders.stream().<Class<?>>map(KeyOrder::columnKind).toList();
        this.pass = pass;
        this.passes = passes;
        this.maxEntities = maxEntities;
        this.maxBytes = maxBytes;
        this.table = new KeyTable(kinds);
    }

    /// An intake for one thread and one view. `at` holds the view's bounds at the requested time, in one row. Any
    /// number of intakes may run at once.
    public Intake intake(TimeBounds at) {
        if (at.size() != 1) {
            throw new IllegalArgumentException("bounds need exactly one row, got %d".formatted(at.size()));
        }
        return new ChunkedIntake(at);
    }

    public int size() {
        lock.lock();
        try {
            return table.size();
        } finally {
            lock.unlock();
        }
    }

    /// The keys of this pass, column by column, sorted by the first key column, then by the second, and so on.
    public List<Column> sortedKeys() {
        lock.lock();
        try {
            List<Column> columns =
                    IntStream.range(0, orders.size()).mapToObj(table::column).toList();
            int[] sorted = new RowSort(columns, orders).sorted(table.size());
            return columns.stream().map(column -> column.take(sorted)).toList();
        } finally {
            lock.unlock();
        }
    }

    private void collect(KeyColumns keys, int[] rows, long[] hashes, int n) {
        lock.lock();
        try {
            for (int i = 0; i < n; i++) {
                if (table.intern(keys, rows[i], hashes[i]) > maxEntities) {
                    throw new TooManyEntitiesException(maxEntities, pass, passes);
                }
            }
            if (table.retainedBytes() > maxBytes) {
                throw new TooManyEntitiesException(table.size(), pass, passes);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes the feature rows of one view. Not thread-safe: use one per thread.
    public interface Intake {
        /// Throws [TooManyEntitiesException] if this pass would exceed its limits.
        void accept(FeatureBatch batch);
    }

    private final class ChunkedIntake implements Intake {
        private final TimeBounds at;
        private final int[] rows = new int[ChunkedProbe.CHUNK];
        private final long[] hashes = new long[ChunkedProbe.CHUNK];

        ChunkedIntake(TimeBounds at) {
            this.at = at;
        }

        @Override
        public void accept(FeatureBatch batch) {
            KeyColumns keys = KeyColumns.of(batch.keys());
            if (!keys.kinds().equals(kinds)) {
                throw new IllegalArgumentException("key columns are %s, expected %s"
                        .formatted(KeyColumns.names(keys.kinds()), KeyColumns.names(kinds)));
            }
            for (int from = 0; from < batch.size() && !at.nulls().isNull(0); from += rows.length) {
                int n = keepCandidates(batch, from, Math.min(rows.length, batch.size() - from));
                n = keys.dropNulls(rows, n);
                keys.hash(rows, n, hashes);
                collect(keys, rows, hashes, keepThisPass(n));
            }
        }

        private int keepCandidates(FeatureBatch batch, int from, int size) {
            int n = ChunkedProbe.range(from, size, rows);
            n = ChunkedProbe.withinTimes(batch.timestamps(), rows, hashes, n, at.earliest()[0], at.latest()[0]);
            n = KeyColumns.drop(batch.timestampNulls(), rows, n);
            long[] latestCreated = at.latestCreated();
            if (latestCreated == null) {
                return n;
            }
            long[] created = batch.created();
            if (created == null) {
                throw new IllegalArgumentException("the created column filters, but a batch has no created times");
            }
            n = KeyColumns.drop(batch.createdNulls(), rows, n);
            int kept = 0;
            for (int i = 0; i < n; i++) {
                rows[kept] = rows[i];
                kept += created[rows[i]] <= latestCreated[0] ? 1 : 0;
            }
            return kept;
        }

        private int keepThisPass(int n) {
            int kept = 0;
            for (int i = 0; i < n; i++) {
                rows[kept] = rows[i];
                hashes[kept] = hashes[i];
                kept += ((hashes[i] & 0xFFFFFFFFL) * passes) >>> 32 == pass ? 1 : 0;
            }
            return kept;
        }
    }
}
