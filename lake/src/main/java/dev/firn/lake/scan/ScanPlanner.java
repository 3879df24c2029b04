package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.expressions.Expression;

/// Decides what to read of a pinned table.
///
/// Manifests and partitions that the spine does not need are skipped with Iceberg's projections ([Planning]). Bounds of
/// files are compared here, by field id, because Iceberg compares by name, orders uuids wrongly and trusts every bound.
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
            return new ScanPlan(List.of(), bounds, DeletePairing.NONE, new ScanPlan.FilesSkipped(0, 0, 0), memory);
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
        BoundsCheck check = new BoundsCheck(table.schema(), columns, bounds);
        Expression filter = new PartitionFilter(table, columns, bounds, check).expression();
        Planning planning = new Planning(table, snapshotId, settings.maxFiles(), memory, cancelled);
        PlannedFiles kept = new PlannedFiles(memory);
        long[] ruledOut = {0, 0};
        planning.dataFiles(
                filter, file -> new Candidate(file, check.mightMatch(new FileBounds(table.schema(), file))), found -> {
                    if (found.mightMatch()) {
                        requireReadable(table, found.file());
                        planning.requireFew(kept.size() + 1);
                        kept.add(found.file(), spec(table, found.file()));
                    } else {
                        ruledOut[0]++;
                        ruledOut[1] += found.file().fileSizeInBytes();
                    }
                });
        List<PlannedFile> files = kept.ordered();
        return new ScanPlan(
                files,
                bounds,
                DeletePairing.of(table, planning, filter, files, memory::add),
                new ScanPlan.FilesSkipped(filesOf(table.iceberg(), snapshotId), ruledOut[0], ruledOut[1]),
                memory);
    }

    /// A data file without its bounds.
    private record Candidate(DataFile file, boolean mightMatch) implements Planning.Located {
        Candidate(DataFile file, boolean mightMatch) {
            this.file = file.copyWithoutStats();
            this.mightMatch = mightMatch;
        }

        @Override
        public String location() {
            return file.location();
        }
    }

    static PartitionSpec spec(PinnedTable table, ContentFile<?> file) {
        PartitionSpec spec = table.iceberg().specs().get(file.specId());
        if (spec == null) {
            throw unsupported(table, "file %s has unknown partition spec %d".formatted(file.location(), file.specId()));
        }
        return spec;
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

    static void requireReadable(PinnedTable table, DataFile file) {
        if (file.format() != FileFormat.PARQUET) {
            throw unsupported(
                    table, "data file %s is %s; Firn reads only Parquet".formatted(file.location(), file.format()));
        }
        if (file.keyMetadata() != null) {
            throw unsupported(table, "data file %s is encrypted".formatted(file.location()));
        }
    }

    static LakeRejection unsupported(PinnedTable table, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE, "[%s] %s".formatted(table.pin().table(), why));
    }
}
