package dev.firn.service.client;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Ids for requests without one. They are unique and sort by time.
public final class RequestIds {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestIds() {}

    /// `cli-20240301-090000-1f3a5b7c9d`.
    ///
    /// @param origin says who made the id: `cli`
    public static String next(String origin, Clock clock) {
        return "%s-%s-%010x".formatted(origin, TIME.format(clock.instant()), RANDOM.nextLong(1L << 40));
    }
}
