package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.jspecify.annotations.Nullable;

/// Tags a pinned snapshot, so that expiry spares it. This is the only thing that Firn writes to a catalog.
///
/// @param until when expiry may remove the snapshot; null keeps it until someone removes the tag
record SnapshotTag(SnapshotPin pin, String name, @Nullable Instant until) {
    /// Does nothing if the tag exists already. Throws `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`, `RETAIN_REFUSED`.
    ///
    /// @param table as loaded from the catalog, able to commit
    void put(Table table) {
        Long id = pin.snapshotId();
        if (id == null) {
            return;
        }
        if (!Objects.equals(table.uuid().toString(), pin.tableUuid())) {
            throw rejected(LakeCode.TABLE_REPLACED, "the table was replaced, its UUID is now " + table.uuid(), null);
        }
        SnapshotRef existing = table.refs().get(name);
        if (pointsTo(id, existing)) {
            return;
        }
        Snapshot snapshot = table.snapshot(id);
        if (snapshot == null) {
            throw rejected(
                    LakeCode.SNAPSHOT_EXPIRED,
                    "the table no longer lists the snapshot, so it cannot be retained",
                    null);
        }
        if (existing != null) {
            throw rejected(
                    LakeCode.RETAIN_REFUSED,
                    "a ref with that name already points to snapshot " + existing.snapshotId(),
                    null);
        }
        commit(table, snapshot);
        // Nessie for example accepts the commit and drops the tag
        table.refresh();
        if (!pointsTo(id, table.refs().get(name))) {
            throw rejected(LakeCode.RETAIN_REFUSED, "the catalog does not keep tags", null);
        }
    }

    private static boolean pointsTo(long id, @Nullable SnapshotRef ref) {
        return ref != null && ref.isTag() && ref.snapshotId() == id;
    }

    private void commit(Table table, Snapshot snapshot) {
        ManageSnapshots change = table.manageSnapshots().createTag(name, snapshot.snapshotId());
        if (until != null) {
            // Iceberg counts a ref's age from its snapshot's commit, not from its own creation
            change.setMaxRefAgeMs(
                    name,
                    Math.max(
                            1,
                            Duration.between(Instant.ofEpochMilli(snapshot.timestampMillis()), until)
                                    .toMillis()));
        }
        try {
            change.commit();
        } catch (BadRequestException | ForbiddenException | UnsupportedOperationException refusal) {
            throw rejected(LakeCode.RETAIN_REFUSED, "the catalog refused the tag: " + Reason.of(refusal), refusal);
        }
    }

    private LakeRejection rejected(LakeCode code, String why, @Nullable RuntimeException cause) {
        return new LakeRejection(
                code, "[" + pin.table() + " snapshot " + pin.snapshotId() + " tag " + name + "] " + why, null, cause);
    }
}
