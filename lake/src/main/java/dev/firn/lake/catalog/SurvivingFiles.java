package dev.firn.lake.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/// Compares a snapshot with an earlier one whose manifests were removed when it expired.
///
/// What is left of the earlier snapshot is its entry in an older metadata file: its sequence number and its total
/// files, rows and bytes. A live file that was added up to that sequence number belonged to the earlier snapshot. So if
/// these surviving files add up to exactly the totals, no file was removed, and all other live files were added since.
/// Branches that share sequence numbers could only mislead this with other files of the same count, rows and bytes.
final class SurvivingFiles {
    private static final long NONE_BEFORE_FORMAT_2 = 0;

    private final Table table;
    private final Snapshot newest;
    private final TableMetadata metadata;
    private final long until;
    private final Totals wanted;
    private final ComparisonMemory memory;

    /// The live files by identity.
    private final Map<FileSets.FileKey, ContentFile<?>> live = new HashMap<>();

    private SurvivingFiles(
            Table table, TableMetadata metadata, Snapshot newest, long until, Totals wanted, ComparisonMemory memory) {
        this.memory = memory;
        this.table = table;
        this.metadata = metadata;
        this.newest = newest;
        this.until = until;
        this.wanted = wanted;
    }

    /// Empty if the earlier snapshot's totals are unknown or there are too many files.
    static Optional<ChangeKind> compare(
            Table table, TableMetadata metadata, Snapshot newest, Snapshot earlier, ComparisonMemory memory) {
        long until = earlier.sequenceNumber();
        Optional<Totals> wanted = Totals.of(earlier);
        if (until == NONE_BEFORE_FORMAT_2 || wanted.isEmpty()) {
            return Optional.empty();
        }
        SurvivingFiles files = new SurvivingFiles(table, metadata, newest, until, wanted.get(), memory);
        return files.read() ? files.kind() : Optional.empty();
    }

    private boolean read() {
        return LiveFiles.each(newest.allManifests(table.io()), table.io(), metadata.specsById(), file -> {
            live.put(FileSets.FileKey.of(file), file);
            return memory.addFile(file);
        });
    }

    private Optional<ChangeKind> kind() {
        Totals survived = Totals.NONE;
        boolean rowsCame = false;
        boolean deletesCame = false;
        for (ContentFile<?> file : live.values()) {
            if (wasThere(file)) {
                survived = survived.plus(file);
            } else {
                rowsCame |= file.content() == FileContent.DATA;
                deletesCame |= file.content() != FileContent.DATA;
            }
        }
        if (survived.equals(wanted)) {
            return Optional.of(deletesCame ? ChangeKind.CONTENT : rowsCame ? ChangeKind.APPEND : ChangeKind.COMPACTION);
        }
        if (CommitWalk.kindOf(newest, metadata) == ChangeKind.COMPACTION) {
            if (!memory.addUndone(live.size(), newest, table.io())) {
                return Optional.empty();
            }
            if (isOneCompaction()) {
                return Optional.of(ChangeKind.COMPACTION);
            }
        }
        boolean begunAnew = CommitWalk.isTracedToItsRoot(metadata, newest.snapshotId());
        return Optional.of(begunAnew && survived.equals(Totals.NONE) ? ChangeKind.REPLACED : ChangeKind.CONTENT);
    }

    private boolean isOneCompaction() {
        Map<FileSets.FileKey, ContentFile<?>> undone = new HashMap<>(live);
        SnapshotChanges changes =
                SnapshotChanges.builderFor(table).snapshot(newest).build();
        changes.addedDataFiles().forEach(file -> undone.remove(FileSets.FileKey.of(file)));
        changes.addedDeleteFiles().forEach(file -> undone.remove(FileSets.FileKey.of(file)));
        changes.removedDataFiles().forEach(file -> undone.put(FileSets.FileKey.of(file), file));
        changes.removedDeleteFiles().forEach(file -> undone.put(FileSets.FileKey.of(file), file));
        Totals totals = Totals.NONE;
        for (ContentFile<?> file : undone.values()) {
            totals = totals.plus(file);
        }
        return totals.equals(wanted) && undone.values().stream().allMatch(this::wasThere);
    }

    private boolean wasThere(ContentFile<?> file) {
        Long added = file.fileSequenceNumber();
        return added != null && added <= until;
    }

    private record Totals(long dataFiles, long deleteFiles, long rows, long bytes) {
        static final Totals NONE = new Totals(0, 0, 0, 0);

        static Optional<Totals> of(Snapshot snapshot) {
            Long dataFiles = CommitWalk.count(snapshot, "total-data-files");
            Long deleteFiles = CommitWalk.count(snapshot, "total-delete-files");
            Long rows = CommitWalk.count(snapshot, "total-records");
            Long bytes = CommitWalk.count(snapshot, "total-files-size");
            return dataFiles == null || deleteFiles == null || rows == null || bytes == null
                    ? Optional.empty()
                    : Optional.of(new Totals(dataFiles, deleteFiles, rows, bytes));
        }

        Totals plus(ContentFile<?> file) {
            boolean data = file.content() == FileContent.DATA;
            // the summary counts the bytes of a deletion vector, not of its Puffin file
            Long part = file instanceof DeleteFile delete ? delete.contentSizeInBytes() : null;
            return new Totals(
                    dataFiles + (data ? 1 : 0),
                    deleteFiles + (data ? 0 : 1),
                    rows + (data ? file.recordCount() : 0),
                    bytes + (part == null ? file.fileSizeInBytes() : part));
        }
    }
}
