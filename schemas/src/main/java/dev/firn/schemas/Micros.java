package dev.firn.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Instants as events write them: microseconds since 1970, all that 64 bits hold.
public final class Micros {
    private static final long PER_SECOND = 1_000_000L;

    private Micros() {}

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /// Finer parts are cut off.
    ///
    /// @throws ArithmeticException when 64 bits do not hold it
    public static long of(Instant instant) {
        long second = instant.getEpochSecond();
        long fraction = instant.getNano() / 1_000;
        // from the second above: the least of all lies within a second whose beginning does not fit
        return second < 0 && fraction > 0
                ? Math.addExact(Math.multiplyExact(second + 1, PER_SECOND), fraction - PER_SECOND)
                : Math.addExact(Math.multiplyExact(second, PER_SECOND), fraction);
    }
}
