package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Whether rows within given bounds can match at all. Everything is compared in the engine's own orders, never by
/// Iceberg's evaluators, and bounds that are not known rule nothing out.
final class BoundsCheck {
    /// More than any zone is away from UTC.
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

    /// Bounds of a zone-less column are local times: the spine's range is widened by what a zone can make of it.
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

    /// Least time in the timestamp column as it is stored.
    long earliest() {
        return earliest;
    }

    long latest() {
        return latest;
    }

    /// @param source tells the bounds of a field; a column of two rows, least and greatest, as the engine holds keys
    boolean mightMatch(BoundsSource source) {
        Optional<Column> times = source.bounds(columns.timestampFieldId());
        if (times.isPresent()) {
            long[] range = ((LongColumn) times.get()).values();
            if (range[1] < earliest || range[0] > latest) {
                return false;
            }
        }
        for (int k = 0; k < bounds.keys().size(); k++) {
            Column wanted = bounds.keys().get(k);
            if (wanted.size() == 0) {
                return false;
            }
            Optional<Column> range = source.bounds(columns.keyFieldIds().get(k));
            if (range.isPresent() && !holdsOne(bounds.orders().get(k), wanted, range.get())) {
                return false;
            }
        }
        return true;
    }

    /// Whether a wanted value lies within least and greatest: the first not less than the least is not beyond the
    /// greatest.
    private static boolean holdsOne(KeyOrder order, Column wanted, Column range) {
        int low = 0;
        int high = wanted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (order.compare(wanted, middle, range, 0) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < wanted.size() && order.compare(wanted, low, range, 1) <= 0;
    }

    static Optional<Column> range(long least, long greatest) {
        return Optional.of(LongColumn.of(least, greatest));
    }

    static Optional<Column> range(byte[] least, byte[] greatest) {
        byte[] data = new byte[least.length + greatest.length];
        System.arraycopy(least, 0, data, 0, least.length);
        System.arraycopy(greatest, 0, data, least.length, greatest.length);
        return Optional.of(new BytesColumn(data, new int[] {0, least.length, data.length}, 2, Nulls.NONE));
    }

    /// Least and greatest value of a field, where both are known.
    interface BoundsSource {
        Optional<Column> bounds(int fieldId);
    }
}
