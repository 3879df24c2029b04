package dev.firn.lake.catalog;

import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/// Determines what happened to a table's ref if the ancestry does not connect the two looks, because snapshots in
/// between have expired or the catalog lists only the newest one. Compares the files of both snapshots instead.
///
/// The same files are the same rows. The newest commit names the files that it added and removed: if it is a compaction
/// and undoing it yields the earlier files, the rows are the same too. If files were only added, so were rows. If the
/// new snapshot has a complete ancestry and shares no file, the table was replaced. Anything else counts as changed
/// rows: files cannot tell a compaction from an update, so a compaction among commits that cannot be walked causes one
/// needless refresh.
///
/// A file is identified by its location and its data sequence number, which decides which deletes apply to it.
/// Manifests that both snapshots list are not read; the others are, as far as [ComparisonMemory] goes. If expiry
/// removed the earlier manifests, [SurvivingFiles] decides. Beyond the limit, or if neither the table nor the
/// metadata file of the earlier look lists the earlier snapshot, the change stays [ChangeKind#UNTRACEABLE].
final class FileSets {
    private final Table table;
    private final FileIO io;
    private final ComparisonMemory memory;

    private FileSets(Table table, ComparisonMemory memory) {
        this.table = table;
        this.memory = memory;
        this.io = table.io();
    }

    /// The kind of a change that [CommitWalk] could not trace. Reads metadata and manifests. Throws [LakeOutage]
    /// if other comparisons hold the memory that it needs.
    ///
    /// @param budget that all comparisons share
    /// @param metadataLocation the metadata file of the earlier look; null if unknown
    static ChangeKind compare(
            LakeTable now,
            TableChange walked,
            TableState before,
            @Nullable String metadataLocation,
            MemoryBudget budget) {
        if (!walked.contentChanged()) {
            return ChangeKind.COMPACTION;
        }
        Long head = walked.now().snapshotId();
        Long earlier = before.snapshotId();
        if (head == null || earlier == null) {
            return ChangeKind.UNTRACEABLE;
        }
        Listed here =
                new Listed(now.metadata(), Objects.requireNonNull(now.metadata().snapshot(head)));
        try (ComparisonMemory memory = new ComparisonMemory(budget, now)) {
            return find(now, earlier, metadataLocation)
                    .flatMap(there -> new FileSets(now.iceberg(), memory).kind(there, here))
                    .orElse(ChangeKind.UNTRACEABLE);
        }
    }

    private record Listed(TableMetadata metadata, Snapshot snapshot) {}

    private static Optional<Listed> find(LakeTable now, long snapshotId, @Nullable String metadataLocation) {
        Snapshot listed = now.metadata().snapshot(snapshotId);
        if (listed != null) {
            return Optional.of(new Listed(now.metadata(), listed));
        }
        if (metadataLocation == null) {
            return Optional.empty();
        }
        try {
            TableMetadata older =
                    new TableMetadataFile(now, metadataLocation, now.name() + " snapshot " + snapshotId).read();
            return Optional.ofNullable(older.snapshot(snapshotId)).map(snapshot -> new Listed(older, snapshot));
        } catch (LakeRejection unreadable) {
            return Optional.empty();
        }
    }

    /// Empty if there are too many files or nothing is left of the earlier ones.
    private Optional<ChangeKind> kind(Listed there, Listed here) {
        try {
            List<ManifestFile> earlier = there.snapshot().allManifests(io);
            List<ManifestFile> later = here.snapshot().allManifests(io);
            Set<FileKey> thereOnly = new HashSet<>();
            if (!collect(there.metadata(), without(earlier, later), thereOnly)) {
                return Optional.empty();
            }
            Set<FileKey> hereOnly = new HashSet<>();
            if (!collect(here.metadata(), without(later, earlier), hereOnly)) {
                return Optional.empty();
            }
            if (CommitWalk.kindOf(here.snapshot(), here.metadata()) == ChangeKind.COMPACTION) {
                if (!memory.addUndone(hereOnly.size(), here.snapshot(), io)) {
                    return Optional.empty();
                }
                if (undoesTo(here, thereOnly, hereOnly)) {
                    return Optional.of(ChangeKind.COMPACTION);
                }
            }
            boolean sharesManifests = without(later, earlier).size() < later.size();
            boolean begunAnew = !sharesManifests
                    && CommitWalk.isTracedToItsRoot(
                            here.metadata(), here.snapshot().snapshotId());
            return Optional.of(kind(thereOnly, hereOnly, begunAnew));
        } catch (RuntimeException fault) {
            if (LakeFaults.isNotFound(fault)) {
                return SurvivingFiles.compare(table, here.metadata(), here.snapshot(), there.snapshot(), memory);
            }
            throw fault;
        }
    }

    private static ChangeKind kind(Set<FileKey> there, Set<FileKey> here, boolean begunAnew) {
        if (there.equals(here)) {
            return ChangeKind.COMPACTION;
        }
        if (begunAnew && !there.isEmpty() && Collections.disjoint(there, here)) {
            return ChangeKind.REPLACED;
        }
        boolean onlyRowsCame =
                here.containsAll(there) && here.stream().allMatch(key -> !key.deletes() || there.contains(key));
        return onlyRowsCame ? ChangeKind.APPEND : ChangeKind.CONTENT;
    }

    /// Whether the newest commit alone leads from the earlier files to the later ones.
    private boolean undoesTo(Listed here, Set<FileKey> thereOnly, Set<FileKey> hereOnly) {
        Set<FileKey> undone = new HashSet<>(hereOnly);
        SnapshotChanges changes =
                SnapshotChanges.builderFor(table).snapshot(here.snapshot()).build();
        changes.addedDataFiles().forEach(file -> undone.remove(FileKey.of(file)));
        changes.addedDeleteFiles().forEach(file -> undone.remove(FileKey.of(file)));
        changes.removedDataFiles().forEach(file -> undone.add(FileKey.of(file)));
        changes.removedDeleteFiles().forEach(file -> undone.add(FileKey.of(file)));
        return undone.equals(thereOnly);
    }

    private static List<ManifestFile> without(List<ManifestFile> manifests, List<ManifestFile> shared) {
        Set<String> paths = shared.stream().map(ManifestFile::path).collect(Collectors.toSet());
        return manifests.stream()
                .filter(manifest -> !paths.contains(manifest.path()))
                .toList();
    }

    /// @param offset of a deletion vector in its Puffin file; null for other files
    record FileKey(
            boolean deletes,
            String file,
            @Nullable Long offset,
            @Nullable Long dataSequenceNumber) {
        static FileKey of(ContentFile<?> file) {
            return new FileKey(
                    file.content() != FileContent.DATA,
                    file.location(),
                    file instanceof DeleteFile delete ? delete.contentOffset() : null,
                    file.dataSequenceNumber());
        }
    }

    /// @return false if there are too many
    private boolean collect(TableMetadata metadata, List<ManifestFile> manifests, Set<FileKey> keys) {
        return LiveFiles.each(manifests, io, metadata.specsById(), file -> {
            keys.add(FileKey.of(file));
            return memory.addKey(file);
        });
    }
}
