package dev.firn.service;

import java.time.Duration;

/// Pauses that double from `first` up to `longest`.
public record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    public Backoff {
        if (longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "the longest pause must be at least the first, %s, got %s".formatted(first, longest));
        }
    }

    /// The pause after a failed attempt.
    ///
    /// @param attempt attempts made so far, from 1
    public Duration pause(int attempt) {
        return Duration.ofMillis(pauseMillis(attempt));
    }

    /// The pause in milliseconds.
    public long pauseMillis(int attempt) {
        long factor = 1L << Math.min(attempt - 1, MAX_DOUBLINGS);
        return Math.min(longest.toMillis(), Math.multiplyExact(first.toMillis(), factor));
    }

    /// A sequence of pauses, beginning with the first.
    public Pauses pauses() {
        return new Pauses(this);
    }

    /// The pauses of consecutive failed attempts. Not thread-safe.
    public static final class Pauses {
        private final Backoff backoff;
        private int attempts;

        private Pauses(Backoff backoff) {
            this.backoff = backoff;
        }

        /// The pause after one more failed attempt.
        public Duration next() {
            attempts = Math.min(attempts + 1, MAX_DOUBLINGS);
            return backoff.pause(attempts);
        }

        /// Starts over with the first pause.
        public void reset() {
            attempts = 0;
        }
    }
}
