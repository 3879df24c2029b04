package dev.firn.engine;

/// The unit of an instant, counted from 1970-01-01T00:00Z. `DAYS` means midnight at the start of the day.
public enum TimeScale {
    DAYS(86_400_000_000_000L),
    MICROS(1_000L),
    NANOS(1L);

    static final long NANOS_PER_DAY = 86_400_000_000_000L;

    private final long nanos;

    TimeScale(long nanos) {
        this.nanos = nanos;
    }

    /// Nanoseconds of one unit.
    long nanos() {
        return nanos;
    }

    long unitsPerDay() {
        return NANOS_PER_DAY / nanos;
    }
}
