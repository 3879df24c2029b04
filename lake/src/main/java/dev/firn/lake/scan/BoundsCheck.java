package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Whether rows within given bounds can match. Compares in the engine's own orders, never with Iceberg's evaluators;
/// unknown bounds rule nothing out.
final class BoundsCheck {
    /// More than the offset of any zone from UTC.
    private static final long MAX_OFFSET_SECONDS = 18 * 3_600L + 1;

    private final FeatureColumns columns;
    private final ScanBounds bounds;
    private final long earliest;
    private final long latest;

    BoundsCheck(Schema schema, FeatureColumns columns, ScanBounds bounds) {
        this.columns = columns;
        this.bounds = bounds;
        long slack = slack(schema.findType(columns.timestampFieldId()), columns);
        this.earliest = saturatingAdd(bounds.earliest(), -slack);
        this.latest = saturatingAdd(bounds.latest(), slack);
    }

    /// Bounds of a column without a zone are local times, so the spine's range is widened by the largest possible
    /// offset.
    private static long slack(Type type, FeatureColumns columns) {
        if (columns.zone() == null) {
            return 0;
        }
        if (type instanceof Types.TimestampType micros && !micros.shouldAdjustToUTC()) {
            return MAX_OFFSET_SECONDS * 1_000_000L;
        }
        if (type instanceof Types.TimestampNanoType nanos && !nanos.shouldAdjustToUTC()) {
            return MAX_OFFSET_SECONDS * 1_000_000_000L;
        }
        return 0;
    }

    private static long saturatingAdd(long a, long b) {
        long sum = a + b;
        return ((a ^ sum) & (b ^ sum)) < 0 ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    }

    /// The earliest time that can match, in the form the timestamp column is stored.
    long earliest() {
        return earliest;
    }

    long latest() {
        return latest;
    }

    /// @param source returns the bounds of a field as a column of two rows, min and max, as the engine holds keys
    boolean mightMatch(BoundsSource source) {
        Optional<Column> times = source.bounds(columns.timestampFieldId());
        if (times.isPresent() && !mightMatchTime(times.get())) {
            return false;
        }
        for (int k = 0; k < bounds.keys().size(); k++) {
            if (bounds.keys().get(k).size() == 0) {
                return false;
            }
            Optional<Column> range = source.bounds(columns.keyFieldIds().get(k));
            if (range.isPresent() && !mightMatchKey(k, range.get())) {
                return false;
            }
        }
        return true;
    }

    boolean mightMatchTime(Column range) {
        long[] times = ((LongColumn) range).values();
        return times[1] >= earliest && times[0] <= latest;
    }

    /// Whether every time in the range can match; false if the range is unknown.
    boolean coversTimes(Optional<Column> range) {
        if (range.isEmpty()) {
            return false;
        }
        long[] times = ((LongColumn) range.get()).values();
        return earliest <= times[0] && latest >= times[1];
    }

    /// Whether a wanted value of key `k` is within the range: the first one that is not below the min must not be
    /// above the max.
    boolean mightMatchKey(int k, Column range) {
        Column wanted = bounds.keys().get(k);
        int first = lowerBound(bounds.orders().get(k), wanted, range, 0);
        return first < wanted.size() && bounds.orders().get(k).compare(wanted, first, range, 1) <= 0;
    }

    private static int lowerBound(KeyOrder order, Column sorted, Column values, int row) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(sorted, middle, values, row) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The number of keys with wanted values: all keys of the join, or 0 if keys rule nothing out.
    int keys() {
        return bounds.keys().size();
    }

    /// The wanted values of key `k` within a range; all if the range is unknown.
    Wanted wanted(int k, Optional<Column> range) {
        Column sorted = bounds.keys().get(k);
        KeyOrder order = bounds.orders().get(k);
        if (range.isEmpty()) {
            return new Wanted(order, sorted, 0, sorted.size());
        }
        int from = lowerBound(order, sorted, range.get(), 0);
        int to = lowerBound(order, sorted, range.get(), 1);
        boolean last = to < sorted.size() && order.compare(sorted, to, range.get(), 1) == 0;
        return new Wanted(order, sorted, from, last ? to + 1 : to);
    }

    /// Sorted distinct values of a key, from index `from` to `to`, exclusive.
    record Wanted(KeyOrder order, Column sorted, int from, int to) {
        interface Probe {
            boolean mightContain(Column values, int row);
        }

        int size() {
            return to - from;
        }

        boolean any(Probe probe) {
            for (int i = from; i < to; i++) {
                if (probe.mightContain(sorted, i)) {
                    return true;
                }
            }
            return false;
        }

        /// Whether one of `values` is wanted.
        boolean holdsAny(Column values) {
            for (int i = 0; i < values.size(); i++) {
                int at = lowerBound(order, sorted, values, i);
                if (at < sorted.size() && order.compare(sorted, at, values, i) == 0) {
                    return true;
                }
            }
            return false;
        }

        /// Whether there are wanted values below and above the range too, so that they probably spread all
        /// over it.
        boolean surrounds(Optional<Column> range) {
            return range.isPresent() && from > 0 && to < sorted.size();
        }
    }

    /// The min and max value of a field, if both are known.
    interface BoundsSource {
        Optional<Column> bounds(int fieldId);
    }
}
