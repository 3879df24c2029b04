package dev.firn.retrieval.job;

import dev.firn.lake.columns.ColumnCache;
import dev.firn.testkit.CacheFate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A cache of columns for a test's lake, and what happens to it after each retrieval. Half of the row groups
/// are looked up in an index of keys, if there is one by then.
///
/// `-Dfirn.columns=DAMAGED`, or another [CacheFate], gives one to every test that has none of its own.
final class CachedColumns {
    private static final Duration FILL_LIMIT = Duration.ofMinutes(1);

    private final Path folder;
    private final CacheFate fate;
    private final ColumnCache cache;
    private final Random random = new Random(42);

    CachedColumns(Path lake, CacheFate fate) {
        this.folder = lake.resolve("columns");
        this.fate = fate;
        Random lookups = new Random(19);
        this.cache = ColumnCache.open(
                folder, fate.maxBytes(), (rows, _) -> lookups.nextBoolean() ? rows : 0, InstantSource.system());
    }

    static @Nullable CachedColumns ofProperty(Path lake) {
        String fate = System.getProperty("firn.columns");
        return fate == null ? null : new CachedColumns(lake, CacheFate.valueOf(fate));
    }

    ColumnCache cache() {
        return cache;
    }

    /// Waits until all columns are written that were used twice, and lets the fate happen to them.
    void strike() {
        try {
            cache.awaitFills(FILL_LIMIT);
            fate.strike(folder, random);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "columns that are kept, " + fate;
    }
}
