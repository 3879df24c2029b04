package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.TableCaches;
import dev.firn.testkit.CacheFate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules 7, 11, 13 and 14 of docs/semantics.md: after each step of a random history a scan returns the same rows as
/// Iceberg's generic reader, and skipping drops nothing that could match. With columns that
/// are kept unpacked, and whatever happens to them.
final class RandomHistoryTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);

    /// Memory to keep metadata: none, too little for all of it, and ample.
    private static final long[] METADATA_BYTES = {0, 8_000, 32L << 20};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static IntStream seeds() {
        return IntStream.range(0, Integer.getInteger("firn.seeds", 4));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithIcebergsReader(int seed) throws InterruptedException {
        Random random = new Random(seed);
        FeatureTable table =
                FeatureTable.create(folder, JavaHistory.SCHEMA, JavaHistory.spec(seed), seed % 2 == 0 ? 2 : 3);
        JavaHistory history = JavaHistory.of(table, random);
        CacheFate fate = CacheFate.of(seed);
        Path cached = folder.resolve("cache");
        Random lookups = new Random(seed);
        try (ColumnCache columns = ColumnCache.open(
                cached, fate.maxBytes(), (rows, _) -> lookups.nextBoolean() ? rows : 0, InstantSource.system())) {
            TableCaches caches = new TableCaches(
                    new MetadataCache(METADATA_BYTES[seed % METADATA_BYTES.length]), seed % 5 == 4 ? null : columns);
            for (int step = 0; step < 8; step++) {
                history.step();
                PinnedTable head = table.head(caches);
                String what = "seed %d, %s, after %s".formatted(seed, fate, history.steps);
                assertThat(ScannedRows.all(head, COLUMNS)).as(what).isEqualTo(table.oracle("ts"));
                skipsNothingThatMatches(head, random, what);
                // columns that were used twice are written now, and the next step finds them as they fared
                columns.awaitFills(Duration.ofMinutes(1));
                fate.strike(cached, random);
            }
        }
    }

    private static void skipsNothingThatMatches(PinnedTable head, Random random, String what) {
        long[] keys = random.longs(-15, 60)
                .limit(1 + random.nextInt(5))
                .distinct()
                .sorted()
                .toArray();
        long from = (random.nextInt(200) * 7_200L - 400_000) * 1_000_000;
        long to = from + random.nextInt(400_000) * 1_000_000L;
        ScanBounds bounds = ScanBounds.of(List.of((Column) LongColumn.of(keys)), List.of(KeyOrder.LONG), from, to);
        Skipping.leavesOutNothing(head, COLUMNS, bounds, what);
    }
}
