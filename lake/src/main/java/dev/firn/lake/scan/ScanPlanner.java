package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types.NestedField;

/// Decides what to read of a pinned table.
///
/// Iceberg's own planning finds the files of the snapshot and pairs them with their deletes (sequence
/// numbers, specs and partitions). It skips manifests and partitions that the spine does not need. Bounds of
/// files are compared here, by field id, because Iceberg compares by name and orders uuids wrongly.
///
/// Each file is reduced to what a read needs as soon as it is found. The memory of the plan is counted in the
/// scans' budget. A cancelled planning ends within a second, even if the store does not answer.
public final class ScanPlanner {
    private static final int MAX_FORMAT_VERSION = 3;

    private final ScanSettings settings;
    private final BooleanSupplier cancelled;

    public ScanPlanner(ScanSettings settings, BooleanSupplier cancelled) {
        this.settings = settings;
        this.cancelled = cancelled;
    }

    /// Plans with the default settings and cannot be cancelled.
    public ScanPlanner() {
        this(ScanSettings.DEFAULTS, () -> false);
    }

    /// Fails with a [dev.firn.lake.LakeRejection] for a table that cannot be read exactly:
    /// `UNSUPPORTED_TABLE` for data files that are not Parquet, are encrypted, or are listed twice, and
    /// `TOO_MANY_FILES` beyond the limit. Throws [dev.firn.engine.BudgetExceededException],
    /// [java.util.concurrent.CancellationException].
    ///
    /// @return to be closed
    public ScanPlan plan(PinnedTable table, FeatureColumns columns, ScanBounds bounds) {
        Long snapshotId = table.pin().snapshotId();
        PlanMemory memory =
                new PlanMemory(settings.budget(), table.pin().table().toString());
        if (snapshotId == null) {
            return new ScanPlan(List.of(), bounds, new ScanPlan.FilesSkipped(0, 0, 0), memory);
        }
        requireFormat(table);
        return CancellableCall.run("planning", cancelled, () -> {
            try {
                return plan(table, snapshotId, columns, bounds, memory);
            } catch (RuntimeException e) {
                memory.close();
                throw ReadFaults.of(table, e);
            }
        });
    }

    static void requireFormat(PinnedTable table) {
        int version = TableUtil.formatVersion(table.iceberg());
        if (version > MAX_FORMAT_VERSION) {
            throw unsupported(table, "has format version " + version + "; Firn reads up to " + MAX_FORMAT_VERSION);
        }
    }

    private ScanPlan plan(
            PinnedTable table, long snapshotId, FeatureColumns columns, ScanBounds bounds, PlanMemory memory) {
        Table iceberg = table.iceberg();
        // with residuals, Iceberg would also drop deletes by the bounds of columns that they do not compare
        org.apache.iceberg.TableScan scan =
                iceberg.newScan().useSnapshot(snapshotId).ignoreResiduals();
        List<String> boundColumns = new ArrayList<>();
        addName(scan, columns.timestampFieldId(), boundColumns);
        columns.keyFieldIds().forEach(id -> addName(scan, id, boundColumns));
        BoundsCheck check = new BoundsCheck(table.schema(), columns, bounds);
        Expression filter = new PartitionFilter(
                        new PartitionFilter.Schemas(table.schema(), scan.schema(), iceberg.schema()),
                        columns,
                        bounds,
                        check,
                        iceberg.specs().values())
                .expression();
        Planning planning = new Planning(
                table, scan.filter(filter).includeColumnStats(boundColumns), settings.maxFiles(), memory, cancelled);
        PlannedFiles kept = new PlannedFiles(memory);
        long[] ruledOut = {0, 0};
        planning.each(filter, task -> {
            if (check.mightMatch(new FileBounds(table.schema(), task.file()))) {
                requireReadable(table, task);
                planning.requireFew(kept.size() + 1);
                kept.add(task);
            } else {
                ruledOut[0]++;
                ruledOut[1] += task.file().fileSizeInBytes();
            }
        });
        return new ScanPlan(
                kept.ordered(),
                bounds,
                new ScanPlan.FilesSkipped(filesOf(iceberg, snapshotId), ruledOut[0], ruledOut[1]),
                memory);
    }

    private static void addName(org.apache.iceberg.TableScan scan, int fieldId, List<String> names) {
        NestedField field = scan.schema().findField(fieldId);
        if (field != null) {
            names.add(scan.schema().findColumnName(fieldId));
        }
    }

    /// Compares locations without their schemes.
    static int comparePaths(String a, String b) {
        int fromA = afterScheme(a);
        int fromB = afterScheme(b);
        return fromA == fromB && a.regionMatches(0, b, 0, fromA)
                ? a.compareTo(b)
                : a.substring(fromA).compareTo(b.substring(fromB));
    }

    /// The index of the first character after the scheme.
    static int afterScheme(String location) {
        int colon = location.indexOf("://");
        return colon < 0 ? 0 : colon + 3;
    }

    static String withoutScheme(String location) {
        return location.substring(afterScheme(location));
    }

    /// All spellings of a location that other writers may use for the same object.
    static Set<String> spellings(String location) {
        Set<String> spellings = new HashSet<>(Set.of(location));
        if (location.matches("s3[an]?://.*")) {
            for (String scheme : List.of("s3", "s3a", "s3n")) {
                spellings.add(scheme + "://" + withoutScheme(location));
            }
        }
        return spellings;
    }

    private static long filesOf(Table table, long snapshotId) {
        long files = 0;
        for (ManifestFile manifest : table.snapshot(snapshotId).dataManifests(table.io())) {
            files += orZero(manifest.addedFilesCount()) + orZero(manifest.existingFilesCount());
        }
        return files;
    }

    static int orZero(@org.jspecify.annotations.Nullable Integer count) {
        return count == null ? 0 : count;
    }

    static void requireReadable(PinnedTable table, FileScanTask task) {
        if (task.file().format() != FileFormat.PARQUET) {
            throw unsupported(
                    table,
                    "data file %s is %s; Firn reads only Parquet"
                            .formatted(task.file().location(), task.file().format()));
        }
        if (task.file().keyMetadata() != null) {
            throw unsupported(
                    table, "data file %s is encrypted".formatted(task.file().location()));
        }
        for (DeleteFile delete : task.deletes()) {
            if (delete.keyMetadata() != null) {
                throw unsupported(table, "delete file %s is encrypted".formatted(delete.location()));
            }
        }
    }

    static LakeRejection unsupported(PinnedTable table, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE, "[%s] %s".formatted(table.pin().table(), why));
    }
}
