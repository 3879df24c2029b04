package dev.firn.lake.scan;

import dev.firn.engine.FeatureBatch;
import dev.firn.engine.RowAddress;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ParquetFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
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
    private final List<PlannedFile> cameFiles = new ArrayList<>();
    private final BitSet justVisible = new BitSet();
    private final List<PlannedFile> goneFiles = new ArrayList<>();
    private final List<PlannedFile> killedOutputs = new ArrayList<>();
    private final List<PlannedFile> killedBefore = new ArrayList<>();
    private final Map<FileKey, PositionMask> killed = new HashMap<>();
    private final Map<String, DeleteFile> newEqualities = new LinkedHashMap<>();
    /// The latest data sequence number of a file of both snapshots, or of a passed-over compaction.
    private long lastShared = Long.MIN_VALUE;
    private Optional<String> obstacle = Optional.empty();
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

    private record Deletes(Set<DeleteKey> positions, Map<String, DeleteFile> equalities) {}

    private record DeleteKey(String location, @Nullable Long offset) {}

    /// A file whose position deletes differ.
    ///
    /// @param then null if the file is the output of a compaction
    private record Pair(@Nullable PlannedFile then, PlannedFile now) {}

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
        SnapshotDifference difference = new SnapshotDifference(snapshots, columns, bounds, settings, cancelled);
        try {
            difference.compare(difference.justVisible(bounds));
            return difference;
        } catch (RuntimeException e) {
            difference.close();
            throw e;
        }
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

    private void compare(Set<FileKey> visible) {
        PassedOver passedOver = snapshots.passedOver();
        Map<FileKey, PlannedFile> then = new LinkedHashMap<>();
        thenPlan.plannedFiles().forEach(file -> then.put(FileKey.of(file), file));
        Set<FileKey> cameAgain = new HashSet<>();
        List<Pair> pairs = new ArrayList<>();
        for (PlannedFile file : nowPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            PlannedFile before = then.get(key);
            boolean isMoved = before == null && passedOver.isOutput(key);
            if (before == null && !isMoved) {
                cameAgain.add(key);
            } else if (!(isMoved
                    ? compareOutput(passedOver.output(key), file, pairs)
                    : compareDeletes(Objects.requireNonNull(before), file, pairs))) {
                cameAgain.add(key);
            }
        }
        compareMasks(pairs, cameAgain);
        for (PlannedFile file : nowPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            if (killed.containsKey(key) && passedOver.isOutput(key)) {
                (passedOver.output(key).hiding().isEmpty() ? killedOutputs : killedBefore).add(file);
            }
            if (cameAgain.contains(key)) {
                cameFiles.add(file);
                continue;
            }
            lastShared = Math.max(lastShared, file.sequence());
            if (visible.contains(key)) {
                justVisible.set(cameFiles.size());
                cameFiles.add(file);
            }
        }
        Set<FileKey> now = nowPlan.plannedFiles().stream().map(FileKey::of).collect(Collectors.toSet());
        for (PlannedFile file : thenPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            boolean isGone = !now.contains(key) && !passedOver.isInput(key);
            if (isGone || cameAgain.contains(key) || killed.containsKey(key)) {
                goneFiles.add(file);
            }
        }
    }

    /// Notes the new deletes of a file of both snapshots. Returns false if an equality delete no longer applies.
    private boolean compareDeletes(PlannedFile then, PlannedFile now, List<Pair> pairs) {
        Deletes before = deletes(thenPlan.deletes(), then);
        Deletes after = deletes(nowPlan.deletes(), now);
        if (!after.equalities().keySet().containsAll(before.equalities().keySet())) {
            return false;
        }
        addNew(after, before.equalities().keySet());
        if (!after.positions().equals(before.positions())) {
            pairs.add(new Pair(then, now));
        }
        return true;
    }

    /// Notes all new deletes of what a compaction wrote. Returns false if an equality delete no longer applies
    /// that hid rows which the compaction may have kept. Then rows may have come, while the others were only
    /// moved: its inputs are still not gone.
    private boolean compareOutput(PassedOver.Output output, PlannedFile now, List<Pair> pairs) {
        Deletes after = deletes(nowPlan.deletes(), now);
        addNew(after, output.known());
        if (!after.positions().isEmpty()) {
            pairs.add(new Pair(null, now));
        }
        return after.equalities().keySet().containsAll(output.hiding());
    }

    private void addNew(Deletes after, Set<String> known) {
        after.equalities().forEach((location, delete) -> {
            if (!known.contains(location)) {
                add(delete);
            }
        });
    }

    private static Deletes deletes(DeletePairing pairing, PlannedFile file) {
        Set<DeleteKey> positions = new HashSet<>();
        Map<String, DeleteFile> equalities = new HashMap<>();
        for (DeleteFile delete : pairing.of(file)) {
            if (delete.content() == FileContent.EQUALITY_DELETES) {
                equalities.put(delete.location(), delete);
            } else {
                positions.add(new DeleteKey(delete.location(), delete.contentOffset()));
            }
        }
        return new Deletes(positions, equalities);
    }

    private void add(DeleteFile delete) {
        List<Integer> fields = Objects.requireNonNullElse(delete.equalityFieldIds(), List.of());
        if (!fields.containsAll(columns.keyFieldIds())) {
            obstacle = Optional.of("an equality delete does not compare all keys of the view");
        } else if (delete.format() != FileFormat.PARQUET && delete.format() != FileFormat.AVRO) {
            obstacle = Optional.of("an equality delete is not in Parquet or Avro");
        }
        newEqualities.put(delete.location(), delete);
    }

    /// Reads the position deletes of files whose position deletes differ.
    private void compareMasks(List<Pair> pairs, Set<FileKey> cameAgain) {
        if (pairs.isEmpty()) {
            return;
        }
        ScanPlan now = nowPlan.part(pairs.stream().map(Pair::now).toList());
        ScanPlan then = thenPlan.part(
                pairs.stream().map(Pair::then).filter(Objects::nonNull).toList());
        try (SharedDeletes after = new SharedDeletes(snapshots.now(), now, columns, settings, cancelled);
                SharedDeletes before = new SharedDeletes(snapshots.then(), then, columns, settings, cancelled)) {
            for (Pair pair : pairs) {
                long rows = rows(pair.now(), now);
                PositionMask hidden = after.positions(pair.now(), rows);
                PositionMask hiddenBefore =
                        pair.then() == null ? new PositionMask(rows) : before.positions(pair.then(), rows);
                if (!hidden.containsAll(hiddenBefore)) {
                    cameAgain.add(FileKey.of(pair.now()));
                } else if (!hiddenBefore.containsAll(hidden)) {
                    killed.put(FileKey.of(pair.now()), hidden);
                }
            }
        }
    }

    private long rows(PlannedFile file, ScanPlan plan) {
        try (ParquetFile parquet = plan.footers().open(snapshots.now(), file, plan)) {
            return parquet.rows();
        } catch (RuntimeException e) {
            throw ReadFaults.of(snapshots.now(), file.location(), e);
        }
    }

    /// Why the difference cannot be told; empty if it can.
    public Optional<String> obstacle() {
        return obstacle;
    }

    /// Size of the data files to read for [#came] and [#streamGone]. Of rows that are gone only keys and times are
    /// read, so their files count by the share of these columns.
    public long bytesToRead() {
        long gone = bytes(goneFiles) + bytes(killedOutputs) + bytes(killedBefore);
        int times = columns.createdFieldId() == null ? 1 : 2;
        int read = columns.keyFieldIds().size() + times;
        int all = Math.max(read, snapshots.now().schema().columns().size());
        return bytes(cameFiles) + (long) (gone * ((double) read / all));
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
            scan = new TableScan(snapshots.now(), nowPlan.part(cameFiles), settings);
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
        if (justVisible.isEmpty() || until == null) {
            return sink;
        }
        return batch -> {
            if (batch.size() > 0 && justVisible.get(RowAddress.fileOrdinal(batch.address(0)))) {
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
        streamKilled(killedOutputs, sinkPerThread, progress);
        TableScan scan = new TableScan(snapshots.then(), thenPlan.part(goneFiles), settings);
        goneScans.add(scan);
        scan.stream(columns, sinkPerThread, cancelled, progress, (shared, file, rows) -> {
            FileDeletes deletes = shared.of(file, rows);
            PositionMask mask = killed.get(FileKey.of(file));
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
                (_, file, _) -> FileDeletes.NONE.within(Objects.requireNonNull(killed.get(FileKey.of(file)))));
    }

    /// Passes the keys whose only live rows are those that came: new equality deletes hit all others.
    public void streamAllGone(DeletedKeys.Sink sink) {
        read(newEqualities.values().stream().filter(this::hitsAllOfItsKeys).toList(), sink);
    }

    private boolean hitsAllOfItsKeys(DeleteFile delete) {
        Long sequence = delete.dataSequenceNumber();
        return sequence != null
                && sequence > lastShared
                && Set.copyOf(Objects.requireNonNullElse(delete.equalityFieldIds(), List.of()))
                        .equals(Set.copyOf(columns.keyFieldIds()))
                && Objects.requireNonNull(snapshots.now().iceberg().specs().get(delete.specId()))
                        .isUnpartitioned();
    }

    private void read(List<DeleteFile> deletes, DeletedKeys.Sink sink) {
        if (obstacle.isPresent()) {
            throw new IllegalStateException(obstacle.get());
        }
        new DeletedKeys(snapshots.now(), columns, settings, cancelled).read(deletes, came(), sink);
    }

    /// Passes the keys whose rows are possibly gone, except those of [#streamAllGone]. See [DeletedKeys.Sink].
    public void streamPossiblyGone(DeletedKeys.Sink sink) {
        read(
                newEqualities.values().stream()
                        .filter(delete -> !hitsAllOfItsKeys(delete))
                        .toList(),
                sink);
        streamKilled(killedBefore, () -> batch -> sink.accept(batch.keys(), batch.size()), (_, _, _) -> {});
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
