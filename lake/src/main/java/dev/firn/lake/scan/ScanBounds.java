package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.SpineIndex;
import dev.firn.lake.parquet.ColumnParts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a spine can match: the distinct values of each key column, and the earliest and latest feature time. Files, row
/// groups and pages outside these bounds may be skipped; that never changes a result (docs/semantics.md rule 14).
///
/// Keys are in the form and the order of the engine ([KeyOrder]), without nulls. A key column without values (an empty
/// spine) rules everything out.
public final class ScanBounds {
    /// Everything may match.
    public static final ScanBounds NONE = new ScanBounds(List.of(), List.of(), Long.MIN_VALUE, Long.MAX_VALUE);

    private static final double MAX_BOX = 1.5;

    private static final long MAX_KEY_BYTES = 1L << 30;

    private final List<Column> keys;
    private final List<KeyOrder> orders;
    private final long earliest;
    private final long latest;

    private ScanBounds(List<Column> keys, List<KeyOrder> orders, long earliest, long latest) {
        this.keys = List.copyOf(keys);
        this.orders = List.copyOf(orders);
        this.earliest = earliest;
        this.latest = latest;
    }

    /// @param keys sorted distinct values of each key; empty for no bounds on keys
    /// @param orders how each key is held and sorted
    /// @param earliest earliest feature time, as a UTC instant in the timestamp column's unit
    /// @param latest latest feature time
    public static ScanBounds of(List<Column> keys, List<KeyOrder> orders, long earliest, long latest) {
        if (keys.size() != orders.size()) {
            throw new IllegalArgumentException("got %d keys, but %d orders".formatted(keys.size(), orders.size()));
        }
        for (int k = 0; k < keys.size(); k++) {
            Column values = keys.get(k);
            for (int i = 1; i < values.size(); i++) {
                if (orders.get(k).compare(values, i - 1, values, i) >= 0) {
                    throw new IllegalArgumentException("key %d is not sorted at value %d".formatted(k, i));
                }
            }
        }
        return new ScanBounds(keys, orders, earliest, latest);
    }

    public static ScanBounds of(SpineIndex spine, List<KeyOrder> orders) {
        List<Column> keys = new ArrayList<>();
        for (int k = 0; k < orders.size(); k++) {
            keys.add(spine.distinctKeys(k, orders.get(k)));
        }
        return new ScanBounds(keys, orders, spine.minEarliest(), spine.maxLatest());
    }

    /// Bounds that select feature rows of a time range only.
    public static ScanBounds ofTimes(long earliest, long latest) {
        return new ScanBounds(List.of(), List.of(), earliest, latest);
    }

    /// The same keys within other times.
    public ScanBounds between(long from, long to) {
        return new ScanBounds(keys, orders, from, to);
    }

    /// Bounds that hold both, for one scan instead of two; empty if that scan could read more than the two.
    ///
    /// What a scan reads is not known before it is planned. Its bounds are taken for a box of keys and times, and
    /// the box of both may have at most [#MAX_BOX] times the volume of the two. Few keys are worth a scan of
    /// their own, because more of them can no longer be looked up in Bloom filters and sets of partitions.
    ///
    /// @param one of the same key columns as `other`
    public static Optional<ScanBounds> together(ScanBounds one, ScanBounds other) {
        List<Column> keys = new ArrayList<>();
        for (int k = 0; k < one.keys.size(); k++) {
            Column first = one.keys.get(k);
            Column second = other.keys.get(k);
            if (bytes(first) + bytes(second) > MAX_KEY_BYTES) {
                return Optional.empty();
            }
            Column both = merged(one.orders.get(k), first, second);
            if (Math.min(first.size(), second.size()) <= RowGroupFilter.MAX_BLOOM_PROBES
                    && both.size() > RowGroupFilter.MAX_BLOOM_PROBES) {
                return Optional.empty();
            }
            keys.add(both);
        }
        ScanBounds both = new ScanBounds(
                keys, one.orders, Math.min(one.earliest, other.earliest), Math.max(one.latest, other.latest));
        return both.volume() <= MAX_BOX * (one.volume() + other.volume()) ? Optional.of(both) : Optional.empty();
    }

    private double volume() {
        double volume = (double) latest - earliest + 1;
        for (Column values : keys) {
            volume *= values.size();
        }
        return volume;
    }

    private static long bytes(Column values) {
        return values instanceof BytesColumn bytes ? bytes.offsets()[bytes.size()] : 0;
    }

    /// The distinct values of two sorted columns, sorted.
    private static Column merged(KeyOrder order, Column one, Column other) {
        int[] rows = new int[one.size() + other.size()];
        int count = 0;
        for (int i = 0, j = 0; i < one.size() || j < other.size(); ) {
            int compared = i == one.size() ? 1 : j == other.size() ? -1 : order.compare(one, i, other, j);
            rows[count++] = compared <= 0 ? i : one.size() + j;
            i += compared <= 0 ? 1 : 0;
            j += compared >= 0 ? 1 : 0;
        }
        return ColumnParts.concatenated(List.of(one, other)).take(Arrays.copyOf(rows, count));
    }

    public List<Column> keys() {
        return keys;
    }

    public List<KeyOrder> orders() {
        return orders;
    }

    public long earliest() {
        return earliest;
    }

    public long latest() {
        return latest;
    }
}
