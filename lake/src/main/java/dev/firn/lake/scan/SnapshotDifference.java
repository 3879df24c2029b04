package dev.firn.lake.scan;

import dev.firn.engine.FeatureBatch;
import dev.firn.engine.RowAddress;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.jspecify.annotations.Nullable;

/// What differs between two snapshots of a table, within given bounds: the rows that came, those that are gone, and the
/// keys of which rows are possibly gone. Ancestry plays no part: a rollback is a change like any other.
///
/// A data file is the same in both snapshots only if its path *and* its data sequence number are: the number decides
/// which deletes apply to it and which of tied rows wins.
///
/// | data file | its deletes | its rows |
/// |---|---|---|
/// | only now | | came |
/// | only then | | are gone |
/// | in both | the same | are the same |
/// | | a new position delete or deletion vector | are gone where it hits |
/// | | a new equality delete | are possibly gone: whether it hits also depends on sequence numbers and partitions |
/// | | one by the key alone, in all partitions, later than all files of both | are gone, all of their keys |
/// | | hide fewer rows, or an equality delete no longer applies | are gone, and came again |
///
/// A compaction is passed over if [PassedOver] shows that it only moved rows: its inputs are not gone, and its
/// outputs did not come. Deletes of its outputs that are new are treated like those of a file in both snapshots.
/// But a compaction may keep rows that an equality delete hides. So the rows of such an output that a new
/// position delete hits are only possibly gone, and if the equality delete no longer applies, the output's rows
/// came.
///
/// If "now" moved, also rows of unchanged files came: those whose time passed into view. Their files are read with
/// bounds that rule nearly all of them out.
///
/// Throws like [ScanPlanner] and [TableScan]. For one caller at a time.
public final class SnapshotDifference implements AutoCloseable {
    private final Snapshots snapshots;
    private final FeatureColumns columns;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;
    private final @Nullable Long visibleUntil;
    private final ScanPlan nowPlan;
    private final ScanPlan thenPlan;
    private final ChangedFiles changed;
    private @Nullable TableScan came;
    private final List<TableScan> goneScans = new ArrayList<>();

    /// Two snapshots of one table.
    ///
    /// @param passedOver the files that compactions in between moved
    public record Snapshots(PinnedTable then, PinnedTable now, PassedOver passedOver) {}

    /// What may match.
    ///
    /// @param visibleUntil the latest event time that could be seen then, if that moved; null if it did not
    public record Bounds(ScanBounds now, @Nullable Long visibleUntil) {}

    private SnapshotDifference(
            Snapshots snapshots,
            FeatureColumns columns,
            Bounds bounds,
            ScanSettings settings,
            BooleanSupplier cancelled) {
        this.snapshots = snapshots;
        this.columns = columns;
        this.settings = settings;
        this.cancelled = cancelled;
        this.visibleUntil = bounds.visibleUntil();
        ScanPlanner planner = new ScanPlanner(settings, cancelled);
        this.nowPlan = planner.plan(snapshots.now(), columns, bounds.now());
        try {
            this.thenPlan = planner.plan(snapshots.then(), columns, bounds.now());
        } catch (RuntimeException e) {
            nowPlan.close();
            throw e;
        }
        try {
            this.changed = new FileComparison(snapshots, thenPlan, nowPlan, columns, settings, cancelled)
                    .changed(justVisible(bounds));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Compares the two snapshots; reads manifests, and the position deletes of files whose position deletes differ.
    ///
    /// @return to be closed
    public static SnapshotDifference between(
            Snapshots snapshots,
            FeatureColumns columns,
            Bounds bounds,
            ScanSettings settings,
            BooleanSupplier cancelled) {
        return new SnapshotDifference(snapshots, columns, bounds, settings, cancelled);
    }

    /// The files with rows whose time passed into view.
    private Set<FileKey> justVisible(Bounds bounds) {
        Long until = bounds.visibleUntil();
        if (until == null || until >= bounds.now().latest()) {
            return Set.of();
        }
        ScanBounds since = bounds.now()
                .between(
                        Math.max(until + 1, bounds.now().earliest()),
                        bounds.now().latest());
        try (ScanPlan plan = new ScanPlanner(settings, cancelled).plan(snapshots.now(), columns, since)) {
            return plan.plannedFiles().stream().map(FileKey::of).collect(Collectors.toSet());
        }
    }

    /// Why the difference cannot be told; empty if it can.
    public Optional<String> obstacle() {
        return changed.obstacle();
    }

    /// Size of the data files to read for [#came] and [#streamGone]. Of rows that are gone only keys and times are
    /// read, so their files count by the share of these columns.
    public long bytesToRead() {
        int times = columns.createdFieldId() == null ? 1 : 2;
        int read = columns.keyFieldIds().size() + times;
        int all = Math.max(read, snapshots.now().schema().columns().size());
        return bytes(changed.came()) + (long) (changed.bytesGone() * ((double) read / all));
    }

    /// Whether a look at the keys and times of the whole table costs less than twice as much as [#streamGone], which
    /// most often leaves rows that need such a look anyway.
    public boolean isMostlyGone() {
        return changed.bytesGone() > bytesOfTable() / 2;
    }

    /// Size of the data files that a scan of the whole table would read.
    public long bytesOfTable() {
        return bytes(nowPlan.plannedFiles());
    }

    private static long bytes(List<PlannedFile> files) {
        return files.stream().mapToLong(PlannedFile::bytes).sum();
    }

    /// Whether compactions moved rows from file to file.
    public boolean movedRows() {
        return !snapshots.passedOver().isEmpty();
    }

    /// The scan of the files of the rows that came, to gather values of [#streamCame]'s rows. Closed with this.
    public TableScan came() {
        TableScan scan = came;
        if (scan == null) {
            scan = new TableScan(snapshots.now(), nowPlan.part(changed.came()), settings);
            came = scan;
        }
        return scan;
    }

    /// Streams the rows that came, perhaps with rows of the same files that could be seen before. See
    /// [TableScan#stream].
    public void streamCame(Supplier<Consumer<FeatureBatch>> sinkPerThread, ProgressSink progress) {
        came().stream(columns, () -> visible(sinkPerThread.get()), cancelled, progress);
    }

    private Consumer<FeatureBatch> visible(Consumer<FeatureBatch> sink) {
        Long until = visibleUntil;
        if (!changed.anyJustVisible() || until == null) {
            return sink;
        }
        return batch -> {
            if (batch.size() > 0 && changed.isJustVisible(RowAddress.fileOrdinal(batch.address(0)))) {
                int[] rows = new int[batch.size()];
                int n = 0;
                for (int row = 0; row < rows.length; row++) {
                    rows[n] = row;
                    n += batch.timestamps()[row] > until ? 1 : 0;
                }
                if (n > 0) {
                    sink.accept(batch.take(Arrays.copyOf(rows, n)));
                }
            } else {
                sink.accept(batch);
            }
        };
    }

    /// Streams the rows that are gone, each exactly once. Their addresses mean nothing.
    public void streamGone(Supplier<Consumer<FeatureBatch>> sinkPerThread, ProgressSink progress) {
        // what these compactions wrote was live then, so only the new position deletes count
        streamKilled(changed.killedOutputs(), sinkPerThread, progress);
        TableScan scan = new TableScan(snapshots.then(), thenPlan.part(changed.gone()), settings);
        goneScans.add(scan);
        scan.stream(columns, sinkPerThread, cancelled, progress, (shared, file, rows) -> {
            FileDeletes deletes = shared.of(file, rows);
            PositionMask mask = changed.killed(file);
            return mask == null ? deletes : deletes.within(mask);
        });
    }

    /// Streams rows of what compactions wrote that position deletes hit.
    private void streamKilled(
            List<PlannedFile> outputs, Supplier<Consumer<FeatureBatch>> sinkPerThread, ProgressSink progress) {
        TableScan scan = new TableScan(snapshots.now(), nowPlan.part(outputs), settings);
        goneScans.add(scan);
        scan.stream(
                columns,
                sinkPerThread,
                cancelled,
                progress,
                (_, file, _) -> FileDeletes.NONE.within(Objects.requireNonNull(changed.killed(file))));
    }

    /// Passes the keys whose only live rows are those that came: new equality deletes hit all others.
    public void streamAllGone(DeletedKeys.Sink sink) {
        read(changed.newEqualities().stream().filter(this::hitsAllOfItsKeys).toList(), sink);
    }

    private boolean hitsAllOfItsKeys(DeleteFile delete) {
        Long sequence = delete.dataSequenceNumber();
        return sequence != null
                && sequence > changed.lastShared()
                && Set.copyOf(Objects.requireNonNullElse(delete.equalityFieldIds(), List.of()))
                        .equals(Set.copyOf(columns.keyFieldIds()))
                && Objects.requireNonNull(snapshots.now().iceberg().specs().get(delete.specId()))
                        .isUnpartitioned();
    }

    private void read(List<DeleteFile> deletes, DeletedKeys.Sink sink) {
        obstacle().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        new DeletedKeys(snapshots.now(), columns, settings, cancelled).read(deletes, came(), sink);
    }

    /// Passes the keys whose rows are possibly gone, except those of [#streamAllGone]. See [DeletedKeys.Sink].
    public void streamPossiblyGone(DeletedKeys.Sink sink) {
        read(
                changed.newEqualities().stream()
                        .filter(delete -> !hitsAllOfItsKeys(delete))
                        .toList(),
                sink);
        streamKilled(changed.killedBefore(), () -> batch -> sink.accept(batch.keys(), batch.size()), (_, _, _) -> {});
    }

    /// What reading the changes has cost so far.
    public List<ScanCounts> counts() {
        List<ScanCounts> counts = new ArrayList<>();
        if (came != null) {
            counts.add(came.counts());
        }
        goneScans.forEach(scan -> counts.add(scan.counts()));
        return counts;
    }

    @Override
    public void close() {
        nowPlan.close();
        thenPlan.close();
    }
}
