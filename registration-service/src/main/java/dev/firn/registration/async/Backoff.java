package dev.firn.registration.async;

import java.time.Duration;

/// Pauses that double from `first` up to `longest`.
public record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    /// @param attempt attempts made so far, from 1
    public long pauseMillis(int attempt) {
        long factor = 1L << Math.min(attempt - 1, MAX_DOUBLINGS);
        return Math.min(longest.toMillis(), Math.multiplyExact(first.toMillis(), factor));
    }
}
