package dev.firn.lake.scan;

import dev.firn.lake.parquet.ParquetFile;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.jspecify.annotations.Nullable;

/// Compares the data files of two snapshots and the deletes that apply to them, by the table of [SnapshotDifference].
/// Reads the position deletes of files whose position deletes differ. Throws like [ScanPlanner] and [TableScan].
final class FileComparison {
    private final SnapshotDifference.Snapshots snapshots;
    private final FeatureColumns columns;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;
    private final ScanPlan thenPlan;
    private final ScanPlan nowPlan;
    private final Set<FileKey> cameAgain = new HashSet<>();
    private final List<Pair> pairs = new ArrayList<>();
    private final Map<FileKey, PositionMask> killed = new HashMap<>();
    private final Map<String, DeleteFile> newEqualities = new LinkedHashMap<>();
    private Optional<String> obstacle = Optional.empty();

    private record Deletes(Set<DeleteKey> positions, Map<String, DeleteFile> equalities) {}

    private record DeleteKey(String location, @Nullable Long offset) {}

    /// A file whose position deletes differ.
    ///
    /// @param then null if the file is the output of a compaction
    private record Pair(@Nullable PlannedFile then, PlannedFile now) {}

    /// @param thenPlan of the earlier snapshot, within the same bounds as `nowPlan`
    FileComparison(
            SnapshotDifference.Snapshots snapshots,
            ScanPlan thenPlan,
            ScanPlan nowPlan,
            FeatureColumns columns,
            ScanSettings settings,
            BooleanSupplier cancelled) {
        this.snapshots = snapshots;
        this.thenPlan = thenPlan;
        this.nowPlan = nowPlan;
        this.columns = columns;
        this.settings = settings;
        this.cancelled = cancelled;
    }

    /// @param visible files of the later snapshot with rows whose time passed into view
    ChangedFiles changed(Set<FileKey> visible) {
        compareDeletes();
        compareMasks();
        ChangedFiles.Builder changed = new ChangedFiles.Builder(killed, newEqualities, obstacle);
        for (PlannedFile file : nowPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            if (killed.containsKey(key) && snapshots.passedOver().isOutput(key)) {
                changed.killedOutput(
                        file, snapshots.passedOver().output(key).hiding().isEmpty());
            }
            if (cameAgain.contains(key)) {
                changed.came(file);
            } else {
                changed.shared(file, visible.contains(key));
            }
        }
        Set<FileKey> now = nowPlan.plannedFiles().stream().map(FileKey::of).collect(Collectors.toSet());
        for (PlannedFile file : thenPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            boolean isGone = !now.contains(key) && !snapshots.passedOver().isInput(key);
            if (isGone || cameAgain.contains(key) || killed.containsKey(key)) {
                changed.gone(file);
            }
        }
        return changed.build();
    }

    private void compareDeletes() {
        PassedOver passedOver = snapshots.passedOver();
        Map<FileKey, PlannedFile> then = new HashMap<>();
        thenPlan.plannedFiles().forEach(file -> then.put(FileKey.of(file), file));
        for (PlannedFile file : nowPlan.plannedFiles()) {
            FileKey key = FileKey.of(file);
            PlannedFile before = then.get(key);
            boolean isMoved = before == null && passedOver.isOutput(key);
            if (before == null && !isMoved) {
                cameAgain.add(key);
            } else if (!(isMoved
                    ? compareOutput(passedOver.output(key), file)
                    : compareDeletes(Objects.requireNonNull(before), file))) {
                cameAgain.add(key);
            }
        }
    }

    /// Notes the new deletes of a file of both snapshots. Returns false if an equality delete no longer applies.
    private boolean compareDeletes(PlannedFile then, PlannedFile now) {
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
    private boolean compareOutput(PassedOver.Output output, PlannedFile now) {
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
    private void compareMasks() {
        if (pairs.isEmpty()) {
            return;
        }
        ScanPlan now = nowPlan.part(pairs.stream().map(Pair::now).toList());
        ScanPlan then = thenPlan.part(
                pairs.stream().map(Pair::then).filter(Objects::nonNull).toList());
        try (SharedDeletes after = new SharedDeletes(snapshots.now(), now, columns, settings, cancelled);
                SharedDeletes before = new SharedDeletes(snapshots.then(), then, columns, settings, cancelled)) {
            ParallelFiles.<Closeable>run(settings.threads(), pairs.size(), () -> () -> {}, pair -> {
                compareMasks(pairs.get(pair), now, before, after);
                return List.of();
            });
        }
    }

    private void compareMasks(Pair pair, ScanPlan now, SharedDeletes before, SharedDeletes after) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the comparison of two snapshots was cancelled");
        }
        long rows = rows(pair.now(), now);
        PositionMask hidden = after.positions(pair.now(), rows);
        PositionMask hiddenBefore = pair.then() == null ? new PositionMask(rows) : before.positions(pair.then(), rows);
        FileKey key = FileKey.of(pair.now());
        synchronized (killed) {
            if (!hidden.containsAll(hiddenBefore)) {
                cameAgain.add(key);
            } else if (!hiddenBefore.containsAll(hidden)) {
                killed.put(key, hidden);
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
}
