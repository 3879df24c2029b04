package dev.firn.registration.meter;

import java.util.Set;

/// The part of a gauge that one partition has. Set by one thread, read by any.
public final class Share implements AutoCloseable {
    private final Set<Share> open;
    private volatile long value;

    Share(Set<Share> open) {
        this.open = open;
    }

    public void set(long now) {
        value = now;
    }

    long value() {
        return value;
    }

    @Override
    public void close() {
        open.remove(this);
    }
}
