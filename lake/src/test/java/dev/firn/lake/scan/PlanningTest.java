package dev.firn.lake.scan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables of manifests only. For the large case, set `-Dfirn.planned-files=1000000`: it prints memory and time.
final class PlanningTest {
    private static final int FILES = Integer.getInteger("firn.planned-files", 20_000);
    private static final int FILES_PER_MANIFEST = 10_000;
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.required(2, "ts", Types.TimestampType.withZone()));
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);

    private Table table;

    @BeforeEach
    void create(@TempDir Path folder) {
        table = FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), 2).table;
    }

    private DataFile file(String path, long id) {
        Map<Integer, ByteBuffer> bounds = Map.of(1, bytes(id), 2, bytes(id));
        return DataFiles.builder(table.spec())
                .withPath(path)
                .withFileSizeInBytes(1_000_000)
                .withFormat(FileFormat.PARQUET)
                .withMetrics(new Metrics(10L, Map.of(1, 9L), Map.of(1, 10L), Map.of(1, 0L), Map.of(), bounds, bounds))
                .build();
    }

    private static ByteBuffer bytes(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
    }

    /// Paths as long as those of ordinary writers.
    private String path(int i) {
        return "s3://lake/warehouse/gold/customer_features/data/event_day=2024-03-01/"
                + "00000-%d-6f1f64f0-26bc-4a55-9d7b-35b1e8f2c3aa-%08d.parquet".formatted(i % 97, i);
    }

    private void append(int files) throws IOException {
        for (int from = 0; from < files; from += FILES_PER_MANIFEST) {
            ManifestWriter<DataFile> manifest = ManifestFiles.write(
                    2, table.spec(), table.io().newOutputFile(table.location() + "/metadata/m" + from + ".avro"), null);
            try (manifest) {
                for (int i = from; i < Math.min(files, from + FILES_PER_MANIFEST); i++) {
                    manifest.add(file(path(i), i));
                }
            }
            table.newFastAppend().appendManifest(manifest.toManifestFile()).commit();
        }
    }

    private PinnedTable head() {
        return PinnedTables.head(table);
    }

    private ScanPlan plan(ScanSettings settings, ScanBounds bounds) {
        return new ScanPlanner(settings, () -> false).plan(head(), COLUMNS, bounds);
    }

    @Test
    void countsItsMemoryInTheBudgetUntilItIsClosed() throws IOException {
        append(FILES);
        MemoryBudget budget = new MemoryBudget(1L << 30);
        long before = usedHeap();
        long start = System.nanoTime();

        ScanPlan plan = plan(ScanSettings.DEFAULTS.withMaxFiles(FILES).withBudget(budget), ScanBounds.NONE);

        long millis = (System.nanoTime() - start) / 1_000_000;
        long held = usedHeap() - before;
        long counted = budget.bytes() - budget.available();
        System.out.printf(
                "%,d files planned in %,d ms: %,d KiB on the heap, %,d KiB counted%n",
                FILES, millis, held >> 10, counted >> 10);
        assertThat(plan.files()).isEqualTo(FILES);
        // other garbage may come between
        assertThat(held).isLessThan(counted + (2L << 20));
        assertThat(counted).isLessThan(400L * FILES);
        plan.close();
        assertThat(budget.available()).isEqualTo(budget.bytes());
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void failsWithoutALeaseIfTheBudgetIsTooSmall() throws IOException {
        append(10_000);
        MemoryBudget budget = new MemoryBudget(100_000);
        assertThatThrownBy(() -> plan(ScanSettings.DEFAULTS.withBudget(budget), ScanBounds.NONE))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("the plan of a scan of test.gold.features");
        assertThat(budget.available()).isEqualTo(budget.bytes());
    }

    @Test
    void aScanOfTooManyFilesIsRefused() throws IOException {
        append(101);
        assertThatThrownBy(() -> plan(ScanSettings.DEFAULTS.withMaxFiles(100), ScanBounds.NONE))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("TOO_MANY_FILES"))
                .hasMessageContaining("more than 100 files");
        // files that the bounds rule out do not count
        assertThat(plan(ScanSettings.DEFAULTS.withMaxFiles(100), ScanBounds.ofTimes(0, 99))
                        .files())
                .isEqualTo(100);
    }

    @Test
    void aFileListedTwiceIsFoundWhateverItsScheme() {
        table.newAppend()
                .appendFile(file("s3://lake/a.parquet", 1))
                .appendFile(file("s3://lake/b.parquet", 1))
                .commit();
        table.newAppend().appendFile(file("s3a://lake/b.parquet", 2)).commit();
        assertThatThrownBy(() -> plan(ScanSettings.DEFAULTS, ScanBounds.NONE))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining("lake/b.parquet is listed twice");
        assertThatThrownBy(() -> WholeTable.files(
                        head(),
                        requireNonNull(head().pin().snapshotId()),
                        new WholeTable.Reading(ScanSettings.DEFAULTS, () -> false)))
                .hasMessageContaining("is listed twice");
    }

    @Test
    void theSameNameInAnotherFolderIsAnotherFile() {
        table.newAppend()
                .appendFile(file("s3://lake/x/a.parquet", 1))
                .appendFile(file("s3://lake/y/a.parquet", 1))
                .commit();
        assertThat(plan(ScanSettings.DEFAULTS, ScanBounds.NONE).files()).isEqualTo(2);
    }

    /// The store accepts a read and never answers it.
    @Test
    void aCancelledPlanningEndsWithinASecond() throws Exception {
        append(10);
        StalledIO stalled = new StalledIO(table.io());
        PinnedTable pinned = PinnedTables.over(
                head(),
                new BaseTable(
                        new StaticTableOperations(
                                ((HasTableOperations) table).operations().current(), stalled),
                        "stalled"));
        MemoryBudget budget = new MemoryBudget(1 << 20);
        AtomicBoolean cancelled = new AtomicBoolean();
        Thread canceller = Thread.ofVirtual().start(() -> {
            try {
                stalled.reached.await();
                cancelled.set(true);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long[] since = {0};
        assertThatThrownBy(() -> new ScanPlanner(ScanSettings.DEFAULTS.withBudget(budget), () -> {
                            if (cancelled.get() && since[0] == 0) {
                                since[0] = System.nanoTime();
                            }
                            return cancelled.get();
                        })
                        .plan(pinned, COLUMNS, ScanBounds.NONE))
                .isInstanceOf(CancellationException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - since[0])).isLessThan(Duration.ofSeconds(1));
        canceller.join();
        stalled.released.countDown();
        assertThat(budget.available()).isEqualTo(budget.bytes());
    }

    /// Ignores interrupts, as a thread that reads a socket.
    private static final class StalledIO implements FileIO {
        private static final long serialVersionUID = 1L;

        final transient CountDownLatch reached = new CountDownLatch(1);
        final transient CountDownLatch released = new CountDownLatch(1);
        private final transient FileIO io;

        StalledIO(FileIO io) {
            this.io = io;
        }

        @Override
        public InputFile newInputFile(String path) {
            reached.countDown();
            while (released.getCount() > 0) {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    // still waits
                }
            }
            return io.newInputFile(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return io.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            io.deleteFile(path);
        }
    }
}
