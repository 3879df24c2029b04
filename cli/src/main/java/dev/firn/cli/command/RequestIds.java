package dev.firn.cli.command;

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
    public static String next(Clock clock) {
        return "cli-%s-%010x".formatted(TIME.format(clock.instant()), RANDOM.nextLong(1L << 40));
    }
}
