package dev.firn.lake.catalog;

import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// Determines what happened to a table's ref since an earlier look by walking its ancestry.
///
/// The walk goes from the ref's snapshot to its parents. If it reaches the earlier snapshot, every snapshot on the way
/// was committed since. If not, the ref was moved: rolled back, set to another branch, or replaced. A parent's id is
/// known even after the parent has expired, so the walk still finds an expired earlier snapshot.
///
/// The **content snapshot** is the first one on that walk that changed rows. If the walk reaches the earlier snapshot
/// or the earlier content snapshot before, it is the earlier content snapshot. So compactions never move it, in any
/// order, nor does a rollback over a compaction. Rows may differ if and only if it moved.
///
/// Field ids are never reused within one table UUID, so `CREATE OR REPLACE` cannot mix up columns. The cost is
/// one step per snapshot; only commits that seem to be empty are looked at closer. [FileSets] handles what
/// remains [ChangeKind#UNTRACEABLE].
public final class CommitWalk {
    private CommitWalk() {}

    /// The state of a ref at the first look. Throws `REF_NOT_FOUND`.
    public static TableState state(LakeTable now, @Nullable String ref) {
        Long head = now.snapshotId(ref).orElse(null);
        Long content = head == null ? null : walk(now, head, null).content();
        return new TableState(now.uuid(), ref, head, now.schemaId(ref), content);
    }

    /// What happened since `before`, an earlier look at the same ref. Throws `REF_NOT_FOUND` if the ref was
    /// removed.
    public static TableChange between(LakeTable now, @Nullable String ref, TableState before) {
        TableState first = state(now, ref);
        if (!first.uuid().equals(before.uuid())) {
            return change(ChangeKind.REPLACED, true, first, now);
        }
        Long head = first.snapshotId();
        if (Objects.equals(head, before.snapshotId())) {
            TableState same = withContent(first, before.contentSnapshotId());
            boolean sameSchema = same.schemaId() == before.schemaId();
            return change(sameSchema ? ChangeKind.NONE : ChangeKind.SCHEMA, false, same, now);
        }
        if (head == null) {
            return change(ChangeKind.REPLACED, true, first, now);
        }
        Walk walk = walk(now, head, before);
        TableState state = withContent(first, walk.content());
        boolean contentChanged = !Objects.equals(state.contentSnapshotId(), before.contentSnapshotId());
        ChangeKind rows = walk.metBefore() ? walk.weightiest() : moved(now.metadata(), head, before, contentChanged);
        return change(withSchema(rows, state, before), contentChanged, state, now);
    }

    /// The same change with the kind that the comparison of files found.
    static TableChange traced(TableChange untraceable, ChangeKind rows, TableState before) {
        return new TableChange(
                withSchema(rows, untraceable.now(), before),
                untraceable.contentChanged() && rows != ChangeKind.COMPACTION,
                rows == ChangeKind.COMPACTION
                        ? withContent(untraceable.now(), before.contentSnapshotId())
                        : untraceable.now(),
                untraceable.committedAt());
    }

    private static ChangeKind withSchema(ChangeKind rows, TableState now, TableState before) {
        return now.schemaId() == before.schemaId() ? rows : heavier(rows, ChangeKind.SCHEMA);
    }

    private record Walk(
            boolean metBefore,
            ChangeKind weightiest,
            @Nullable Long content) {}

    private static Walk walk(LakeTable now, long head, @Nullable TableState before) {
        TableMetadata metadata = now.metadata();
        Long stop = before == null ? null : before.snapshotId();
        Long knownContent = before == null ? null : before.contentSnapshotId();
        ChangeKind weightiest = ChangeKind.NONE;
        Long content = null;
        long oldest = head;
        for (Long id = head; ; ) {
            if (Objects.equals(id, stop)) {
                return new Walk(true, weightiest, content == null ? knownContent : content);
            }
            if (content == null && id != null && id.equals(knownContent)) {
                content = knownContent;
            }
            Snapshot snapshot = id == null ? null : metadata.snapshot(id);
            if (snapshot == null) {
                // the root, or the end of the unexpired ancestry: if no snapshot changed rows, the oldest is the
                // content
                return new Walk(false, weightiest, content == null ? (Long) oldest : content);
            }
            ChangeKind kind = kindOf(snapshot, metadata);
            weightiest = heavier(weightiest, kind);
            if (content == null && kind != ChangeKind.COMPACTION && !isEmpty(snapshot, now)) {
                content = id;
            }
            oldest = snapshot.snapshotId();
            id = snapshot.parentId();
        }
    }

    /// The kind of a move to a snapshot that does not descend from the earlier one. If there was no earlier
    /// snapshot, rows were only added.
    private static ChangeKind moved(TableMetadata metadata, long head, TableState before, boolean contentChanged) {
        if (before.snapshotId() == null) {
            return ChangeKind.APPEND;
        }
        Ancestry here = ancestry(metadata, head);
        Ancestry there = ancestry(metadata, before.snapshotId());
        if (there.ids().stream().anyMatch(here.ids()::contains)) {
            return contentChanged ? ChangeKind.CONTENT : ChangeKind.COMPACTION;
        }
        return here.complete() && there.complete() ? ChangeKind.REPLACED : ChangeKind.UNTRACEABLE;
    }

    private record Ancestry(Set<Long> ids, boolean complete) {}

    /// Whether the ancestry of the snapshot is complete.
    static boolean isTracedToItsRoot(TableMetadata metadata, long snapshotId) {
        return ancestry(metadata, snapshotId).complete();
    }

    /// The ids of a snapshot and its known ancestors; complete if they reach a root.
    private static Ancestry ancestry(TableMetadata metadata, long from) {
        Set<Long> ids = new HashSet<>();
        for (Long id = from; id != null; ) {
            ids.add(id);
            Snapshot snapshot = metadata.snapshot(id);
            if (snapshot == null) {
                return new Ancestry(ids, false);
            }
            id = snapshot.parentId();
        }
        return new Ancestry(ids, true);
    }

    /// What one commit of the table did, according to its summary.
    public static ChangeKind kindOf(Snapshot snapshot, LakeTable table) {
        return kindOf(snapshot, table.metadata());
    }

    /// What one commit did, according to its summary.
    static ChangeKind kindOf(Snapshot snapshot, TableMetadata metadata) {
        return switch (snapshot.operation()) {
            case DataOperations.APPEND -> ChangeKind.APPEND;
            case DataOperations.REPLACE -> keepsRows(snapshot, metadata) ? ChangeKind.COMPACTION : ChangeKind.CONTENT;
            case null, default -> ChangeKind.CONTENT;
        };
    }

    /// A `replace` promises to keep the rows. Its own counts may contradict that, and then they win: it may drop
    /// rows only if there were delete files, and it may never add rows.
    private static boolean keepsRows(Snapshot snapshot, TableMetadata metadata) {
        Long added = count(snapshot, "added-records");
        Long deleted = count(snapshot, "deleted-records");
        if (added == null && deleted == null) {
            return true;
        }
        long dropped = (deleted == null ? 0 : deleted) - (added == null ? 0 : added);
        return dropped == 0 || (dropped > 0 && hadDeletes(snapshot, metadata));
    }

    private static boolean hadDeletes(Snapshot snapshot, TableMetadata metadata) {
        Snapshot parent = snapshot.parentId() == null ? null : metadata.snapshot(snapshot.parentId());
        Long before = parent == null ? null : count(parent, "total-delete-files");
        return before == null || before > 0;
    }

    /// Whether the commit touched no file, as after an `INSERT` of no rows. Counts in a summary are optional: if
    /// there are none, the manifests are asked.
    private static boolean isEmpty(Snapshot snapshot, LakeTable now) {
        return isZero(snapshot, "added-data-files")
                && isZero(snapshot, "deleted-data-files")
                && isZero(snapshot, "added-delete-files")
                && isZero(snapshot, "removed-delete-files")
                && isZero(snapshot, "added-dvs")
                && isZero(snapshot, "removed-dvs")
                && EmptyCommits.isEmpty(snapshot, now);
    }

    private static boolean isZero(Snapshot snapshot, String property) {
        Long count = count(snapshot, property);
        return count == null || count == 0;
    }

    /// A count in the snapshot's summary; null if missing or not a number.
    static @Nullable Long count(Snapshot snapshot, String property) {
        String text = snapshot.summary() == null ? null : snapshot.summary().get(property);
        return text == null || !text.matches("[0-9]{1,18}") ? null : Long.valueOf(text);
    }

    private static ChangeKind heavier(ChangeKind a, ChangeKind b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static TableState withContent(TableState state, @Nullable Long content) {
        return new TableState(state.uuid(), state.ref(), state.snapshotId(), state.schemaId(), content);
    }

    private static TableChange change(ChangeKind kind, boolean contentChanged, TableState state, LakeTable now) {
        Snapshot head = state.snapshotId() == null ? null : now.metadata().snapshot(state.snapshotId());
        Instant committedAt = head == null ? null : Instant.ofEpochMilli(head.timestampMillis());
        return new TableChange(kind, contentChanged, state, committedAt);
    }
}
