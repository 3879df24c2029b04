package dev.firn.engine;

import org.jspecify.annotations.Nullable;

/// Turns spine instants into bounds in the units of the feature's columns, exactly: upper bounds are rounded down,
/// the lower one up, so that one 64-bit comparison per feature row decides and no value leaks from the future.
///
/// An instant is split into a day and the nanoseconds of that day, which holds every value of every scale without
/// overflow. A bound that lies beyond what the column's unit can express saturates where the comparison stays the
/// same; where no value of the column could satisfy it any more, the row becomes null: it matches nothing.
public final class TimeConversion {
    private static final long MICROS_PER_DAY = TimeScale.MICROS.unitsPerDay();

    private TimeConversion() {}

    /// `createdScale` is null when created times do not filter; `ttlMicros` is 0 when the past is unlimited.
    public static TimeBounds bounds(
            long[] spine,
            TimeScale spineScale,
            Nulls spineNulls,
            TimeScale featureScale,
            @Nullable TimeScale createdScale,
            long ttlMicros,
            long availableAfterMicros) {
        if (ttlMicros < 0 || availableAfterMicros < 0) {
            throw new IllegalArgumentException(
                    "negative ttl (%d µs) or available_after (%d µs)".formatted(ttlMicros, availableAfterMicros));
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

    /// One converted instant; mutable so that a million rows make no garbage.
    private static final class Bound {
        private long value;
        private long day;
        private long nanoOfDay;

        /// `floor(instant - before)`; false if it lies below every value of the target.
        boolean upper(long instant, TimeScale scale, long beforeMicros, TimeScale target) {
            if (split(instant, scale, beforeMicros)) {
                return settle(day, nanoOfDay / target.nanos(), target) >= 0;
            }
            value = Long.MIN_VALUE;
            return false;
        }

        /// `ceil(instant - before)`; false if it lies above every value of the target.
        boolean lower(long instant, TimeScale scale, long beforeMicros, TimeScale target) {
            if (split(instant, scale, beforeMicros)) {
                return settle(day, Math.ceilDiv(nanoOfDay, target.nanos()), target) <= 0;
            }
            value = Long.MIN_VALUE;
            return true;
        }

        /// False if the day lies below [Long#MIN_VALUE].
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

        /// Puts `days * unitsPerDay + units` into `value`, saturating; the sign says on which side it lay beyond.
        /// A negative day is counted from its end, so that a representable sum has representable parts.
        private int settle(long days, long units, TimeScale target) {
            long perDay = target.unitsPerDay();
            long from = days < 0 ? days + 1 : days;
            long rest = days < 0 ? units - perDay : units;
            long product = from * perDay;
            long sum = product + rest;
            boolean beyond = Math.multiplyHigh(from, perDay) != product >> 63 || ((product ^ sum) & (rest ^ sum)) < 0;
            if (!beyond) {
                value = sum;
                return 0;
            }
            value = days < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            return days < 0 ? -1 : 1;
        }
    }
}
