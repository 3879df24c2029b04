package dev.firn.engine;

/// The point-in-time join of one spine with one feature view.
@SuppressWarnings("DoNotCallSuggester")
public final class PointInTimeJoin {
    public PointInTimeJoin(SpineIndex index) {
        throw new UnsupportedOperationException();
    }

    /// A way in for one thread; any number of probes may be at work at once.
    public Probe probe() {
        throw new UnsupportedOperationException();
    }

    /// Call once, after every probe's last `accept` has returned (and its thread was joined or handed over).
    public Winners finish() {
        throw new UnsupportedOperationException();
    }

    public long retainedBytes() {
        throw new UnsupportedOperationException();
    }

    /// Feature rows come in by this; not thread-safe: one per thread.
    public interface Probe {
        void accept(FeatureBatch batch);
    }
}
