package dev.firn.registration.async;

import java.time.Duration;

/// Work that may not fit into one transaction, in steps of a bounded size. After a full step there is a pause, so that
/// other work gets its turn. For one thread.
public final class Steps {
    /// Long enough for the other work of a stream thread.
    public static final Duration PAUSE = Duration.ofMillis(250);

    private final int size;
    private final long pauseMillis;
    private long nextMillis = Long.MIN_VALUE;

    /// @param size of a step
    /// @param pause after a full one
    public Steps(int size, Duration pause) {
        this.size = size;
        this.pauseMillis = pause.toMillis();
    }

    /// Whether a step may begin.
    public boolean mayBegin(long nowMillis) {
        return nowMillis >= nextMillis;
    }

    public Room begin() {
        return new Room();
    }

    /// The step has ended; if it was full, the next one begins after the pause.
    public void ended(Room room, long nowMillis) {
        if (!room.isLeft()) {
            nextMillis = nowMillis + pauseMillis;
        }
    }

    /// What is left of a step.
    public final class Room {
        private int left = size;

        public boolean isUsed() {
            return left < size;
        }

        public boolean isLeft() {
            return left > 0;
        }

        public void take() {
            left--;
        }
    }
}
