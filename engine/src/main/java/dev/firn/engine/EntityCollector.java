package dev.firn.engine;

import java.util.List;

/// All entities as of a time: the keys that have a candidate at that time in any of their views.
///
/// Bounded: each of `passes` passes keeps the keys of one part of the key's hash, at most `maxEntities`.
@SuppressWarnings("DoNotCallSuggester")
public final class EntityCollector {
    /// `pass` counts from 0.
    public EntityCollector(List<KeyOrder> keys, int pass, int passes, int maxEntities) {
        throw new UnsupportedOperationException();
    }

    /// A way in for one thread and one view, whose bounds at T are the only row of `at`. Any number may be at work at
    // once.
    public Intake intake(TimeBounds at) {
        throw new UnsupportedOperationException();
    }

    public int size() {
        throw new UnsupportedOperationException();
    }

    /// The keys of this pass, column by column, sorted by the first key, then the second, and so on.
    public List<Column> sortedKeys() {
        throw new UnsupportedOperationException();
    }

    /// Feature rows come in by this; not thread-safe: one per thread.
    public interface Intake {
        /// Throws [TooManyEntitiesException] beyond the limit.
        void accept(FeatureBatch batch);
    }
}
