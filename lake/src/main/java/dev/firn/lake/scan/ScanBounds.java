package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.SpineIndex;
import java.util.ArrayList;
import java.util.List;

/// What a spine can match: the distinct values of each key column, and the earliest and latest feature time. Files, row
/// groups and pages outside these bounds may be skipped; that never changes a result (docs/semantics.md rule 14).
///
/// Keys are in the form and the order of the engine ([KeyOrder]), without nulls. A key column without values (an empty
/// spine) rules everything out.
public final class ScanBounds {
    /// Everything may match.
    public static final ScanBounds NONE = new ScanBounds(List.of(), List.of(), Long.MIN_VALUE, Long.MAX_VALUE);

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
