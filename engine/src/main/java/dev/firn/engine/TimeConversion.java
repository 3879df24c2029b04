package dev.firn.engine;

import org.jspecify.annotations.Nullable;

/// Converts spine instants to bounds in the units of the feature's columns. The conversion is exact: upper bounds
/// round down and lower bounds round up, so one 64-bit comparison per feature row decides and no value leaks from the
/// future.
///
/// An instant is split into a day and the nanoseconds of that day, which represents every value of every scale
/// without overflow. A bound beyond the range of the column's unit saturates if the comparison stays correct. If no
/// value of the column could satisfy the bound, the row becomes null: it matches nothing.
public final class TimeConversion {
    private static final long MICROS_PER_DAY = TimeScale.MICROS.unitsPerDay();

    private TimeConversion() {}

    /// `createdScale` is null if created times do not filter. `ttlMicros` is 0 if there is no TTL.
    public static TimeBounds bounds(
            long[] spine,
            TimeScale spineScale,
            Nulls spineNulls,
            TimeScale featureScale,
            @Nullable TimeScale createdScale,
            long ttlMicros,
            long availableAfterMicros) {
        if (ttlMicros < 0 || availableAfterMicros < 0) {
            throw new IllegalArgumentException("ttl and available_after must not be negative, got %d µs and %d µs"
                    .formatted(ttlMicros, availableAfterMicros));
        }
        int rows = spine.length;
        long[] latest = new long[rows];
        long[] earliest = new long[rows];
        long @Nullable [] latestCreated = createdScale == null ? null : new long[rows];
        Nulls.Builder nulls = new Nulls.Builder(rows);
        Bound bound = new Bound();
        for (int row = 0; row < rows; row++) {
            boolean matchable = !spineNulls.isNull(row);
            matchable &= bound.upper(spine[row], spineScale, availableAfterMicros, featureScale);
            latest[row] = bound.value;
            if (latestCreated != null && createdScale != null) {
                matchable &= bound.upper(spine[row], spineScale, 0, createdScale);
                latestCreated[row] = bound.value;
            }
            if (ttlMicros == 0) {
                earliest[row] = Long.MIN_VALUE;
            } else {
                matchable &= bound.lower(spine[row], spineScale, ttlMicros, featureScale);
                earliest[row] = bound.value;
            }
            if (!matchable) {
                nulls.set(row);
            }
        }
        return new TimeBounds(latest, latestCreated, earliest, nulls.build());
    }

    /// One converted instant. Mutable, so that converting a million rows allocates nothing.
    private static final class Bound {
        private long value;
        private long day;
        private long nanoOfDay;

        /// Sets `floor(instant - before)`. Returns false if it is below every value of the target.
        boolean upper(long instant, TimeScale scale, long beforeMicros, TimeScale target) {
            if (split(instant, scale, beforeMicros)) {
                return saturate(day, nanoOfDay / target.nanos(), target) >= 0;
            }
            value = Long.MIN_VALUE;
            return false;
        }

        /// Sets `ceil(instant - before)`. Returns false if it is above every value of the target.
        boolean lower(long instant, TimeScale scale, long beforeMicros, TimeScale target) {
            if (split(instant, scale, beforeMicros)) {
                return saturate(day, Math.ceilDiv(nanoOfDay, target.nanos()), target) <= 0;
            }
            value = Long.MIN_VALUE;
            return true;
        }

        /// Returns false if the day is below [Long#MIN_VALUE].
        private boolean split(long instant, TimeScale scale, long beforeMicros) {
            long unitsPerDay = scale.unitsPerDay();
            long wholeDay = Math.floorDiv(instant, unitsPerDay);
            long nanos = Math.floorMod(instant, unitsPerDay) * scale.nanos()
                    - beforeMicros % MICROS_PER_DAY * TimeScale.MICROS.nanos();
            long back = beforeMicros / MICROS_PER_DAY;
            if (nanos < 0) {
                nanos += TimeScale.NANOS_PER_DAY;
                back++;
            }
            nanoOfDay = nanos;
            day = wholeDay - back;
            return day <= wholeDay;
        }

        /// Sets `value` to `days * unitsPerDay + units`, saturated. Returns -1 or 1 if that was below or above
        /// the range of a long, else 0. A negative day is counted from its end: then, if the sum is
        /// representable, so are its parts.
        private int saturate(long days, long units, TimeScale target) {
            long perDay = target.unitsPerDay();
            long from = days < 0 ? days + 1 : days;
            long rest = days < 0 ? units - perDay : units;
            long product = from * perDay;
            long sum = product + rest;
            boolean overflows =
                    Math.multiplyHigh(from, perDay) != product >> 63 || ((product ^ sum) & (rest ^ sum)) < 0;
            if (!overflows) {
                value = sum;
                return 0;
            }
            value = days < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            return days < 0 ? -1 : 1;
        }
    }
}
