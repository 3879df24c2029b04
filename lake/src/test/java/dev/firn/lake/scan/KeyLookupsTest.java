package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.Nulls;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.RowAddress;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.TimeScale;
import dev.firn.engine.Winners;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.TableCaches;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Few keys are looked up in the index that a cache keeps, whatever their type.
final class KeyLookupsTest {
    private static final int ROWS = 600;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Random random = new Random(19);

    private FeatureTable table() {
        FeatureTable table = FeatureTable.create(folder, JavaHistory.SCHEMA, PartitionSpec.unpartitioned(), 2);
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(table.random(random));
        }
        table.append(rows);
        return table;
    }

    /// The keys of three rows, each at ten times.
    private SpineIndex spine(PinnedTable table, FeatureColumns columns) {
        List<Column> some = new ArrayList<>();
        int[] picked = random.ints(3, 0, 40).toArray();
        int[] rows = IntStream.range(0, 30).map(i -> picked[i % 3]).toArray();
        stream(table, columns, ScanBounds.NONE, batch -> {
            if (some.isEmpty()) {
                batch.keys().stream()
                        .map(key -> key instanceof DictionaryColumn strings ? strings.expanded() : key)
                        .forEach(key -> some.add(key.take(rows)));
            }
        });
        long[] times = random.longs(30, -500_000_000_000L, 1_000_000_000_000L).toArray();
        return SpineIndex.of(
                some, TimeConversion.bounds(times, TimeScale.MICROS, Nulls.NONE, TimeScale.MICROS, null, 0, 0));
    }

    /// Returns the number of rows that were read.
    private static long stream(
            PinnedTable table, FeatureColumns columns, ScanBounds bounds, Consumer<FeatureBatch> sink) {
        ScanPlan plan = new ScanPlanner().plan(table, columns, bounds);
        new TableScan(table, plan, ScanSettings.DEFAULTS.withThreads(1))
                .stream(columns, () -> batch -> locked(sink, batch), () -> false, ProgressSink.NONE);
        return plan.counts().rowsScanned();
    }

    /// Remote files are read by several threads, whatever the settings say.
    private static void locked(Consumer<FeatureBatch> sink, FeatureBatch batch) {
        synchronized (sink) {
            sink.accept(batch);
        }
    }

    private static List<Long> winners(PinnedTable table, FeatureColumns columns, ScanBounds bounds, SpineIndex spine) {
        PointInTimeJoin join = new PointInTimeJoin(spine);
        PointInTimeJoin.Probe probe = join.probe();
        stream(table, columns, bounds, probe::accept);
        Winners winners = join.finish();
        return IntStream.range(0, winners.size()).mapToObj(winners::address).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "name",
                "amount",
                "uid",
                "raw",
                "code",
                "day",
                "at",
                "local",
                "big",
                "place.y",
                "id,name",
                "flag,uid",
                "name,big"
            })
    void onlyTheRowsOfTheKeysAreRead(String named) throws InterruptedException {
        String[] keys = named.split(",", -1);
        FeatureTable table = table();
        Schema schema = table.table.schema();
        FeatureColumns columns = new FeatureColumns(
                Arrays.stream(keys).map(key -> schema.findField(key).fieldId()).toList(), 2, null, null);
        try (ColumnCache cache =
                ColumnCache.open(folder.resolve("cache"), 1 << 30, (rows, wanted) -> rows, InstantSource.system())) {
            PinnedTable head = table.head(new TableCaches(MetadataCache.NONE, cache));
            SpineIndex spine = spine(head, columns);
            ScanBounds bounds = ScanBounds.of(
                    spine,
                    Arrays.stream(keys)
                            .map(key -> KeyTypes.orderOf(schema.findType(key)))
                            .toList());
            long before = stream(head, columns, bounds, _ -> {});
            List<Long> expected = winners(head, columns, ScanBounds.NONE, spine);
            assertThat(expected).anyMatch(address -> address != RowAddress.NONE);
            for (int use = 0; use < 3; use++) {
                assertThat(winners(head, columns, bounds, spine))
                        .as("%s, use %d", named, use)
                        .isEqualTo(expected);
                if (keys.length == 1) {
                    Skipping.leavesOutNothing(head, columns, bounds, named + ", use " + use);
                }
                assertThat(cache.awaitFills(Duration.ofMinutes(1))).isTrue();
            }
            assertThat(stream(head, columns, bounds, _ -> {})).as(named).isLessThan(before * 3 / 4);
        }
    }
}
