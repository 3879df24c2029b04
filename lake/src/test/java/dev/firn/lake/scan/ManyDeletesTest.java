package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.MemoryBudget;
import dev.firn.engine.Nulls;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeConversion;
import dev.firn.engine.TimeScale;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A table whose equality deletes do not fit in memory can still be joined, because only deletes that can hit a key of
/// the spine are kept. The gate runs a small version. The measurement:
///
/// ```
/// mvn -Pquick -pl lake -am test -Dtest=ManyDeletesTest -Dsurefire.failIfNoSpecifiedTests=false
///   -Dfirn.deletes=100000000 -Dfirn.rows=200000 -Dfirn.budget-mib=256
///   "-Dfirn.test.jvm=-Xmx320m --enable-native-access=ALL-UNNAMED -Dfirn.home=$PWD"
/// ```
final class ManyDeletesTest {
    private static final int ROWS = Integer.getInteger("firn.rows", 8_000);
    private static final long DELETES = Long.getLong("firn.deletes", 400_000);
    private static final long BUDGET = Long.getLong("firn.budget-mib", 1) << 20;
    private static final int THREADS = Integer.getInteger("firn.threads", 2);
    private static final int SPINE = 1_000;
    private static final long MAX_PER_FILE = 5_000_000;

    /// Every tenth row is deleted; the other deletes have keys that are not in the table.
    private static final int DELETED_STEP = 10;

    private static final OffsetDateTime START = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.required(1, "id", Types.LongType.get()),
            NestedField.required(2, "ts", Types.TimestampType.withZone()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void deletesThatDoNotFitAreLeftOutWhereTheyHitNoKeyOfTheSpine() {
        PinnedTable table = written();
        assertThat(table.iceberg().currentSnapshot().summary())
                .containsEntry(SnapshotSummary.TOTAL_EQ_DELETES_PROP, String.valueOf(DELETES));
        ScanSettings settings = new ScanSettings(THREADS, 4_096).withBudget(new MemoryBudget(BUDGET));

        long begun = System.nanoTime();
        long most = join(table, settings);
        System.out.printf(
                Locale.ROOT,
                "%,d equality deletes, %,d rows, %,d spine rows, %d threads, heap of %d MiB: %.1f s, deletes held %.1f MiB of %d%n",
                DELETES,
                ROWS,
                SPINE,
                THREADS,
                Runtime.getRuntime().maxMemory() >> 20,
                (System.nanoTime() - begun) / 1e9,
                most / (double) (1 << 20),
                BUDGET >> 20);

        assertThatThrownBy(() -> new TableScan(table, new ScanPlanner().plan(table, COLUMNS, ScanBounds.NONE), settings)
                        .stream(COLUMNS, () -> batch -> {}, () -> false, ProgressSink.NONE))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("DELETE_BUDGET_EXCEEDED"));
    }

    /// Joins a spine with keys from all over the table; returns the peak memory of the deletes.
    private static long join(PinnedTable table, ScanSettings settings) {
        long[] ids = new long[SPINE];
        int deleted = 0;
        for (int i = 0; i < SPINE; i++) {
            long row = (long) i * (ROWS / SPINE) / DELETED_STEP * DELETED_STEP + i % DELETED_STEP;
            ids[i] = key(row);
            deleted += row % DELETED_STEP == 0 ? 1 : 0;
        }
        long[] times = new long[SPINE];
        Arrays.fill(times, START.plusYears(10).toEpochSecond() * 1_000_000);
        List<Column> keys = List.of(LongColumn.of(ids));
        SpineIndex spine = SpineIndex.of(
                keys, TimeConversion.bounds(times, TimeScale.MICROS, Nulls.NONE, TimeScale.MICROS, null, 0, 0));
        PointInTimeJoin join = new PointInTimeJoin(spine);
        ScanPlan plan = new ScanPlanner().plan(table, COLUMNS, ScanBounds.of(spine, List.of(KeyOrder.LONG)));
        MemoryBudget budget = Objects.requireNonNull(settings.budget());
        AtomicLong least = new AtomicLong(budget.bytes());
        new TableScan(table, plan, settings)
                .stream(
                        COLUMNS,
                        () -> {
                            var probe = join.probe();
                            return batch -> {
                                least.accumulateAndGet(budget.available(), Math::min);
                                probe.accept(batch);
                            };
                        },
                        () -> false,
                        ProgressSink.NONE);
        assertThat(deleted).isBetween(1, SPINE - 1);
        assertThat(join.finish().matched()).isEqualTo(SPINE - deleted);
        assertThat(budget.available()).isEqualTo(budget.bytes());
        return budget.bytes() - least.get();
    }

    private PinnedTable written() {
        FeatureTable table = FeatureTable.create(
                folder,
                SCHEMA,
                PartitionSpec.unpartitioned(),
                2,
                "write.parquet.row-group-size-bytes",
                String.valueOf(16 << 20),
                "write.parquet.page-row-limit",
                "20000",
                "write.parquet.dict-size-bytes",
                "65536");
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < ROWS; i++) {
            rows.add(table.row("id", key(i), "ts", START.plusSeconds(i)));
        }
        table.append(rows);
        Schema byId = SCHEMA.select("id");
        Record delete = GenericRecord.create(byId);
        for (long from = 0; from < DELETES; from += MAX_PER_FILE) {
            Iterator<Record> deletes = LongStream.range(from, Math.min(DELETES, from + MAX_PER_FILE))
                    .mapToObj(d -> {
                        delete.set(0, key(d * DELETED_STEP < ROWS ? d * DELETED_STEP : ROWS + d));
                        return delete;
                    })
                    .iterator();
            table.commit(table.equalityDelete(new int[] {1}, () -> deletes, byId, PartitionSpec.unpartitioned(), null));
        }
        return table.head();
    }

    /// Keys come in no order, so the bounds of files, row groups and pages rule nothing out.
    private static long key(long i) {
        return (i * 0x9E3779B97F4A7C15L) >>> 8;
    }
}
