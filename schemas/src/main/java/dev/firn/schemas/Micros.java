package dev.firn.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Instants as events hold them: 64 bits of microseconds since 1970 UTC.
public final class Micros {
    private static final long PER_SECOND = 1_000_000L;

    private Micros() {}

    /// The instant of `micros`.
    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /// The microseconds of `instant`, rounded down.
    ///
    /// @throws ArithmeticException if they exceed 64 bits
    public static long of(Instant instant) {
        long second = instant.getEpochSecond();
        long fraction = instant.getNano() / 1_000;
        // counted from the next second, since the start of the smallest instant's second does not fit
        return second < 0 && fraction > 0
                ? Math.addExact(Math.multiplyExact(second + 1, PER_SECOND), fraction - PER_SECOND)
                : Math.addExact(Math.multiplyExact(second, PER_SECOND), fraction);
    }
}
