package dev.firn.lake.scan;

import dev.firn.engine.TimeScale;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/// Converts times without a zone to UTC instants (docs/semantics.md rule 7): in an overlap the earlier offset applies,
/// in a gap the time moves forward by the length of the gap. Saturates at the limits of 64 bits. Not thread-safe: it
/// caches the offset of the last time.
public final class LocalTimes {
    private final ZoneRules rules;
    private final long unitsPerSecond;
    private long offsetSeconds;
    private long validFrom = Long.MAX_VALUE;
    private long validTo = Long.MIN_VALUE;

    public LocalTimes(ZoneId zone, TimeScale scale) {
        rules = zone.getRules();
        unitsPerSecond = switch (scale) {
            case MICROS -> 1_000_000L;
            case NANOS -> 1_000_000_000L;
            case DAYS -> throw new IllegalArgumentException("dates are always UTC");
        };
    }

    /// Converts the first `size` values in place.
    public void toInstants(long[] values, int size) {
        for (int i = 0; i < size; i++) {
            values[i] = toInstant(values[i]);
        }
    }

    public long toInstant(long local) {
        long second = Math.floorDiv(local, unitsPerSecond);
        if (second < validFrom || second >= validTo) {
            locate(second);
        }
        long shift = offsetSeconds * unitsPerSecond;
        long instant = local - shift;
        boolean overflow = ((local ^ shift) & (local ^ instant)) < 0;
        return overflow ? (local < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : instant;
    }

    /// `getOffset` of a local time returns the offset before the transition, in gaps and overlaps alike, as the
    /// rule demands.
    private void locate(long second) {
        offsetSeconds = rules.getOffset(LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC))
                .getTotalSeconds();
        Instant instant = Instant.ofEpochSecond(second - offsetSeconds);
        ZoneOffsetTransition before = rules.previousTransition(instant.plusSeconds(1));
        ZoneOffsetTransition after = rules.nextTransition(instant.minusSeconds(1));
        long from = before == null ? Long.MIN_VALUE : latestLocal(before);
        long to = after == null ? Long.MAX_VALUE : earliestLocal(after);
        boolean inside = from <= second && second < to;
        validFrom = inside ? from : second;
        validTo = inside ? to : second + 1;
    }

    private static long latestLocal(ZoneOffsetTransition at) {
        return at.toEpochSecond()
                + Math.max(
                        at.getOffsetBefore().getTotalSeconds(),
                        at.getOffsetAfter().getTotalSeconds());
    }

    private static long earliestLocal(ZoneOffsetTransition at) {
        return at.toEpochSecond()
                + Math.min(
                        at.getOffsetBefore().getTotalSeconds(),
                        at.getOffsetAfter().getTotalSeconds());
    }
}
