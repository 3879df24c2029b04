package dev.firn.engine;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// The instants at which feature rows become visible, within a range: `timestamp + available_after`, and with created
/// times that filter the later of that and `created`.
///
/// Instants are in a unit that is at least as fine as those of the columns, so they are exact. Thread-safe.
public final class VisibleInstants {
    private final long perTimestamp;
    private final long perCreated;
    private final boolean filtersByCreated;
    private final BigInteger availableAfter;
    private final long start;
    private final long end;

    /// @param timestamps the unit of the view's timestamp column
    /// @param created the unit of its created column; null if created times do not filter
    /// @param start the first instant of the range, in `target`; [Long#MIN_VALUE] also stands for all before it
    /// @param end the last one; [Long#MAX_VALUE] also stands for all after it
    public VisibleInstants(
            TimeScale target,
            TimeScale timestamps,
            @Nullable TimeScale created,
            long availableAfterMicros,
            long start,
            long end) {
        this.perTimestamp = factor(timestamps, target);
        this.filtersByCreated = created != null;
        this.perCreated = created == null ? 1 : factor(created, target);
        this.availableAfter = times(availableAfterMicros, factor(TimeScale.MICROS, target));
        this.start = start;
        this.end = end;
    }

    private static long factor(TimeScale from, TimeScale target) {
        if (from.nanos() % target.nanos() != 0) {
            throw new IllegalArgumentException("%s does not hold every value of %s".formatted(target, from));
        }
        return from.nanos() / target.nanos();
    }

    /// For each row of the batch its instant, null if that is not in the range, or the row is never visible or has a
    /// null key.
    ///
    /// @throws ArithmeticException if an instant is in the range, but the unit cannot hold it
    public LongColumn of(FeatureBatch batch) {
        long[] timestamps = batch.timestamps();
        long @Nullable [] created = filtersByCreated ? batch.created() : null;
        if (filtersByCreated && created == null) {
            throw new IllegalArgumentException("the created column filters, but a batch has no created times");
        }
        boolean fits = availableAfter.bitLength() < Long.SIZE;
        long available = availableAfter.longValue();
        long[] instants = new long[batch.size()];
        Nulls.Builder nulls = new Nulls.Builder(batch.size());
        for (int row = 0; row < instants.length; row++) {
            if (batch.timestampNulls().isNull(row)
                    || (created != null && batch.createdNulls().isNull(row))
                    || hasNullKey(batch, row)) {
                nulls.set(row);
                continue;
            }
            long scaled = timestamps[row] * perTimestamp;
            long instant = scaled + available;
            boolean isExact =
                    fits && Math.multiplyHigh(timestamps[row], perTimestamp) == scaled >> 63 && instant >= scaled;
            if (created != null) {
                long recorded = created[row] * perCreated;
                isExact &= Math.multiplyHigh(created[row], perCreated) == recorded >> 63;
                instant = Math.max(instant, recorded);
            }
            if (!isExact) {
                BigInteger unlimited = times(timestamps[row], perTimestamp).add(availableAfter);
                unlimited = created == null ? unlimited : unlimited.max(times(created[row], perCreated));
                isExact = unlimited.bitLength() < Long.SIZE;
                instant = unlimited.longValue();
                boolean isInRange = unlimited.signum() < 0 ? start == Long.MIN_VALUE : end == Long.MAX_VALUE;
                if (!isExact && isInRange) {
                    throw new ArithmeticException("an instant of the range does not fit its unit");
                }
            }
            instants[row] = instant;
            if (!isExact || instant < start || instant > end) {
                nulls.set(row);
            }
        }
        return new LongColumn(instants, instants.length, nulls.build());
    }

    private static boolean hasNullKey(FeatureBatch batch, int row) {
        for (Column key : batch.keys()) {
            if (key.isNull(row)) {
                return true;
            }
        }
        return false;
    }

    private static BigInteger times(long value, long factor) {
        return BigInteger.valueOf(value).multiply(BigInteger.valueOf(factor));
    }
}
