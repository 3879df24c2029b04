package dev.firn.retrieval.job;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.TimeScale;
import dev.firn.schemas.Micros;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The instants of a spine's rows.
///
/// @param instants since 1970 UTC, in the unit of `scale`
record SpineTime(LongColumn instants, TimeScale scale) {
    /// The unit of a timestamp or date column; empty for a column of another type.
    static Optional<TimeScale> scale(Type type) {
        return switch (type.typeId()) {
            case DATE -> Optional.of(TimeScale.DAYS);
            case TIMESTAMP -> Optional.of(TimeScale.MICROS);
            case TIMESTAMP_NANO -> Optional.of(TimeScale.NANOS);
            default -> Optional.empty();
        };
    }

    /// @param zone the zone of values without one; null is UTC
    static SpineTime of(Column column, Type type, @Nullable ZoneId zone) {
        TimeScale scale = scale(type).orElseThrow();
        LongColumn values = column instanceof IntColumn days ? widened(days) : (LongColumn) column;
        if (zone == null || zone.equals(ZoneOffset.UTC) || !isZoneless(type)) {
            return new SpineTime(exact(values), scale);
        }
        return new SpineTime(toInstants(values, scale, zone), scale);
    }

    /// The same instant for every row.
    static SpineTime constant(Instant instant, int rows) {
        long[] values = new long[rows];
        Arrays.fill(values, Micros.of(instant));
        return new SpineTime(new LongColumn(values, rows, Nulls.NONE), TimeScale.MICROS);
    }

    /// The column's array may be longer than the column, but bounds are computed for whole arrays.
    private static LongColumn exact(LongColumn values) {
        return values.values().length == values.size()
                ? values
                : new LongColumn(Arrays.copyOf(values.values(), values.size()), values.size(), values.nulls());
    }

    private static boolean isZoneless(Type type) {
        return switch (type) {
            case Types.TimestampType micros -> !micros.shouldAdjustToUTC();
            case Types.TimestampNanoType nanos -> !nanos.shouldAdjustToUTC();
            default -> false;
        };
    }

    /// [java.time.ZonedDateTime#of] takes the earlier offset in an overlap and shifts forward in a gap.
    private static LongColumn toInstants(LongColumn local, TimeScale scale, ZoneId zone) {
        long perSecond = scale == TimeScale.NANOS ? 1_000_000_000L : 1_000_000L;
        int nanosPerUnit = (int) (1_000_000_000L / perSecond);
        long[] instants = new long[local.size()];
        for (int i = 0; i < instants.length; i++) {
            if (!local.isNull(i)) {
                long value = local.values()[i];
                long second = Math.floorDiv(value, perSecond);
                long fraction = Math.floorMod(value, perSecond);
                Instant instant = LocalDateTime.ofEpochSecond(second, (int) fraction * nanosPerUnit, ZoneOffset.UTC)
                        .atZone(zone)
                        .toInstant();
                instants[i] = saturated(instant.getEpochSecond(), perSecond, fraction);
            }
        }
        return new LongColumn(instants, instants.length, local.nulls());
    }

    private static long saturated(long second, long perSecond, long fraction) {
        try {
            return Math.addExact(Math.multiplyExact(second, perSecond), fraction);
        } catch (ArithmeticException e) {
            return second < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private static LongColumn widened(IntColumn days) {
        long[] values = new long[days.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = days.values()[i];
        }
        return new LongColumn(values, values.length, days.nulls());
    }
}
