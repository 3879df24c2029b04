package dev.firn.lake.catalog;

import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Tells a column that was added after a snapshot from one that was dropped before it (docs/semantics.md rule 13).
///
/// A table's metadata keeps its schemas, but no times of their changes. A schema that becomes what an older one
/// was gets that one's id again. So the column was dropped if
/// - the snapshot is the head of a branch and is read with the table's current schema, not an older one of its own, or
/// - the snapshot's schema has a column with a greater id: ids are given in the order of time, or
/// - a snapshot that is not newer was written with a schema that has the column.
///
/// Otherwise it was added later. That is a mistake only for a column that came and went without a commit, or whose
/// snapshots have all expired.
public final class ColumnHistory {
    private final LakeTable now;
    private final PinnedTable pinned;

    /// @param now the table as its catalog has it
    /// @param pinned the table at the snapshot that lacks columns
    public ColumnHistory(LakeTable now, PinnedTable pinned) {
        this.now = now;
        this.pinned = pinned;
    }

    /// The column that the pinned schema lacks, if it was added later: as it had the given type, or as it is now.
    ///
    /// @param type as Iceberg prints it
    public Optional<NestedField> addedLater(int fieldId, String type) {
        Long id = pinned.pin().snapshotId();
        Snapshot snapshot = id == null ? null : pinned.iceberg().snapshot(id);
        if (snapshot == null || isCurrentHead(snapshot) || hasGreaterId(fieldId) || wasThere(fieldId, snapshot)) {
            return Optional.empty();
        }
        return Stream.concat(
                        fields(fieldId).filter(field -> field.type().toString().equals(type)),
                        Stream.concat(Optional.ofNullable(now.schema().findField(fieldId)).stream(), fields(fieldId)))
                .findFirst();
    }

    private Stream<NestedField> fields(int fieldId) {
        return now.metadata().schemas().stream()
                .flatMap(schema -> Optional.ofNullable(schema.findField(fieldId)).stream());
    }

    private boolean isCurrentHead(Snapshot snapshot) {
        return pinned.pin().schemaId() == now.metadata().currentSchemaId()
                && now.metadata().refs().values().stream()
                        .filter(SnapshotRef::isBranch)
                        .anyMatch(branch -> branch.snapshotId() == snapshot.snapshotId());
    }

    private boolean hasGreaterId(int fieldId) {
        return TypeUtil.indexById(pinned.schema().asStruct()).keySet().stream().anyMatch(id -> id > fieldId);
    }

    private boolean wasThere(int fieldId, Snapshot snapshot) {
        return StreamSupport.stream(pinned.iceberg().snapshots().spliterator(), false)
                .filter(other -> other.timestampMillis() <= snapshot.timestampMillis())
                .anyMatch(other -> {
                    Schema schema = schema(other.schemaId());
                    return schema != null && schema.findField(fieldId) != null;
                });
    }

    private @Nullable Schema schema(@Nullable Integer id) {
        return id == null ? null : pinned.iceberg().schemas().get(id);
    }
}
