package dev.firn.registration;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Instants as events write them.
final class Micros {
    private Micros() {}

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
