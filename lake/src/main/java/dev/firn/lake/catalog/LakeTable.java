package dev.firn.lake.catalog;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// The state of a table at the moment its catalog loaded it; it never refreshes. Thread-safe.
public final class LakeTable {
    private final TableName name;
    private final TableMetadata metadata;
    private final FrozenTable iceberg;

    LakeTable(TableName name, TableMetadata metadata, FrozenTable iceberg) {
        this.name = name;
        this.metadata = metadata;
        this.iceberg = iceberg;
    }

    public TableName name() {
        return name;
    }

    public String uuid() {
        return metadata.uuid();
    }

    public String location() {
        return metadata.location();
    }

    public String metadataLocation() {
        return metadata.metadataFileLocation();
    }

    /// The table's current schema, which also applies to reads of branches.
    public Schema schema() {
        return metadata.schema();
    }

    public int schemaId() {
        return metadata.currentSchemaId();
    }

    /// The schema for reads of the ref (docs/semantics.md rule 13): the table's current one for a branch, the
    /// snapshot's own for a tag. Throws `REF_NOT_FOUND`.
    public Schema schema(@Nullable String ref) {
        return schemaOf(schemaId(ref));
    }

    /// Id of [#schema(String)].
    public int schemaId(@Nullable String ref) {
        return find(ref)
                .filter(SnapshotRef::isTag)
                .map(tag -> ownSchemaId(listed(tag.snapshotId())))
                .orElse(metadata.currentSchemaId());
    }

    /// The snapshot that the ref points to; null means the main branch. Empty if the table has no snapshot. Throws
    /// `REF_NOT_FOUND`.
    public Optional<Long> snapshotId(@Nullable String ref) {
        return find(ref).map(SnapshotRef::snapshotId);
    }

    /// Pins a snapshot. Throws `REF_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_EXPIRED`.
    public SnapshotPin pin(SnapshotChoice choice) {
        return switch (choice) {
            case SnapshotChoice.Head head -> pinned(snapshotId(head.ref()).orElse(null), schemaId(head.ref()));
            case SnapshotChoice.ById byId -> pinned(byId.id(), ownSchemaId(listed(byId.id())));
            case SnapshotChoice.AsOf asOf -> {
                Snapshot snapshot = listed(idAsOf(asOf.at()));
                yield pinned(snapshot.snapshotId(), ownSchemaId(snapshot));
            }
        };
    }

    /// The Iceberg table with this metadata; it never refreshes and cannot commit.
    public Table iceberg() {
        return iceberg;
    }

    DataLocations locations() {
        return iceberg.locations();
    }

    TableMetadata metadata() {
        return metadata;
    }

    /// The table as described by older metadata.
    LakeTable at(TableMetadata older) {
        return new LakeTable(name, older, iceberg.at(older));
    }

    private SnapshotPin pinned(@Nullable Long snapshotId, int schemaId) {
        return new SnapshotPin(name, uuid(), snapshotId, schemaId, metadataLocation());
    }

    private Optional<SnapshotRef> find(@Nullable String ref) {
        String wanted = ref == null ? SnapshotRef.MAIN_BRANCH : ref;
        SnapshotRef found = metadata.ref(wanted);
        if (found == null && !wanted.equals(SnapshotRef.MAIN_BRANCH)) {
            throw new LakeRejection(
                    LakeCode.REF_NOT_FOUND,
                    "[" + name + "] has no branch or tag '" + wanted + "'",
                    NearestName.of(wanted, metadata.refs().keySet()).orElse(null));
        }
        return Optional.ofNullable(found);
    }

    /// The listed snapshot. If it is not listed, a child snapshot or an entry of the log tells that it existed
    /// once.
    private Snapshot listed(long id) {
        Snapshot snapshot = metadata.snapshot(id);
        if (snapshot != null) {
            return snapshot;
        }
        boolean existed =
                metadata.snapshots().stream().anyMatch(other -> other.parentId() != null && other.parentId() == id)
                        || metadata.snapshotLog().stream().anyMatch(entry -> entry.snapshotId() == id);
        throw existed
                ? new LakeRejection(LakeCode.SNAPSHOT_EXPIRED, "[" + name + "] snapshot " + id + " has expired")
                : new LakeRejection(
                        LakeCode.SNAPSHOT_NOT_FOUND,
                        "[" + name + "] has no snapshot " + id + ": it expired long ago or never existed");
    }

    /// The last entry of the snapshot log at or before the time. The log has millisecond precision: a commit
    /// within the requested millisecond counts. Expiry truncates the log; then its first entry has a parent.
    private long idAsOf(Instant at) {
        List<HistoryEntry> log = metadata.snapshotLog();
        HistoryEntry last = null;
        for (HistoryEntry entry : log) {
            if (entry.timestampMillis() <= at.toEpochMilli()) {
                last = entry;
            }
        }
        if (last != null) {
            return last.snapshotId();
        }
        if (log.isEmpty()) {
            throw new LakeRejection(LakeCode.SNAPSHOT_NOT_FOUND, "[" + name + "] has no snapshots, so none at " + at);
        }
        HistoryEntry first = log.getFirst();
        Instant since = Instant.ofEpochMilli(first.timestampMillis());
        Snapshot oldest = metadata.snapshot(first.snapshotId());
        boolean cutOff = oldest == null || oldest.parentId() != null;
        throw new LakeRejection(
                cutOff ? LakeCode.SNAPSHOT_EXPIRED : LakeCode.SNAPSHOT_NOT_FOUND,
                "[" + name + "] has no snapshot at " + at + "; its log begins at " + since
                        + (cutOff ? ", earlier snapshots have expired" : ""));
    }

    private Schema schemaOf(int schemaId) {
        Schema schema = metadata.schemasById().get(schemaId);
        if (schema == null) {
            throw new IllegalStateException("[" + name + "] " + metadataLocation() + " lists no schema " + schemaId);
        }
        return schema;
    }

    /// Old writers of version 1 tables do not record it; then the current schema applies, as in Iceberg.
    private int ownSchemaId(Snapshot snapshot) {
        Integer own = snapshot.schemaId();
        return own == null || !metadata.schemasById().containsKey(own) ? metadata.currentSchemaId() : own;
    }
}
