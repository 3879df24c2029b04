package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/// Decides what to read of a pinned table.
///
/// Iceberg's own planning finds the files of the snapshot and pairs them with their deletes (sequence numbers, specs
/// and partitions). It skips manifests and partitions that the spine does not need. Bounds of files are compared here,
/// by field id, because Iceberg compares by name and orders uuids wrongly.
public final class ScanPlanner {
    private static final int MAX_FORMAT_VERSION = 3;

    /// Fails with a [dev.firn.lake.LakeRejection] for a table that cannot be read exactly: `UNSUPPORTED_TABLE` for
    /// data files that are not Parquet, are encrypted, or are listed twice.
    public ScanPlan plan(PinnedTable table, FeatureColumns columns, ScanBounds bounds) {
        Long snapshotId = table.pin().snapshotId();
        if (snapshotId == null) {
            return new ScanPlan(List.of(), bounds, 0, 0, 0);
        }
        requireFormat(table);
        try {
            return plan(table, table.iceberg(), snapshotId, columns, bounds);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, e);
        }
    }

    static void requireFormat(PinnedTable table) {
        int version = TableUtil.formatVersion(table.iceberg());
        if (version > MAX_FORMAT_VERSION) {
            throw unsupported(table, "has format version " + version + "; Firn reads up to " + MAX_FORMAT_VERSION);
        }
    }

    private static ScanPlan plan(
            PinnedTable table, Table iceberg, long snapshotId, FeatureColumns columns, ScanBounds bounds) {
        // with residuals, Iceberg would also drop deletes by the bounds of columns that they do not compare
        org.apache.iceberg.TableScan scan =
                iceberg.newScan().useSnapshot(snapshotId).ignoreResiduals();
        List<String> boundColumns = new ArrayList<>();
        addName(scan, columns.timestampFieldId(), boundColumns);
        columns.keyFieldIds().forEach(id -> addName(scan, id, boundColumns));
        BoundsCheck check = new BoundsCheck(table.schema(), columns, bounds);
        List<FileScanTask> kept = new ArrayList<>();
        long ruledOut = 0;
        long bytesRuledOut = 0;
        Set<String> paths = new HashSet<>();
        try (CloseableIterable<FileScanTask> tasks = scan.filter(new PartitionFilter(
                                new PartitionFilter.Schemas(table.schema(), scan.schema(), iceberg.schema()),
                                columns,
                                bounds,
                                check,
                                iceberg.specs().values())
                        .expression())
                .includeColumnStats(boundColumns)
                .planFiles()) {
            for (FileScanTask task : tasks) {
                if (!paths.add(withoutScheme(task.file().location()))) {
                    throw unsupported(
                            table,
                            "data file %s is listed twice".formatted(task.file().location()));
                }
                if (check.mightMatch(new FileBounds(table.schema(), task.file()))) {
                    kept.add(task);
                } else {
                    ruledOut++;
                    bytesRuledOut += task.file().fileSizeInBytes();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kept.forEach(task -> requireReadable(table, task));
        return new ScanPlan(ordered(kept), bounds, filesOf(iceberg, snapshotId), ruledOut, bytesRuledOut);
    }

    private static void addName(org.apache.iceberg.TableScan scan, int fieldId, List<String> names) {
        NestedField field = scan.schema().findField(fieldId);
        if (field != null) {
            names.add(scan.schema().findColumnName(fieldId));
        }
    }

    /// Sorts the tasks in place and numbers the files in that order.
    static List<PlannedFile> ordered(List<FileScanTask> tasks) {
        tasks.sort(Comparator.comparingLong((FileScanTask task) -> sequence(task.file()))
                .thenComparing(task -> withoutScheme(task.file().location())));
        List<PlannedFile> files = new ArrayList<>(tasks.size());
        for (FileScanTask task : tasks) {
            files.add(new PlannedFile(files.size(), task.file().copyWithoutStats(), task.spec(), task.deletes()));
        }
        return files;
    }

    /// A v1 table has no sequence numbers: all are 0.
    private static long sequence(DataFile file) {
        Long sequence = file.dataSequenceNumber();
        return sequence == null ? 0 : sequence;
    }

    static String withoutScheme(String location) {
        int colon = location.indexOf("://");
        return colon < 0 ? location : location.substring(colon + 3);
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

    private static int orZero(@org.jspecify.annotations.Nullable Integer count) {
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

    private static LakeRejection unsupported(PinnedTable table, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE, "[%s] %s".formatted(table.pin().table(), why));
    }
}
