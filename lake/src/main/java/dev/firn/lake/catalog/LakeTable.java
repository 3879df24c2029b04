package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// A table as its catalog showed it at one moment; it never refreshes. Thread-safe.
public final class LakeTable {
    private final TableName name;
    private final TableMetadata metadata;
    private final Table iceberg;

    LakeTable(TableName name, TableMetadata metadata, Table iceberg) {
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

    /// The table's current schema, which reads of branches resolve in.
    public Schema schema() {
        return metadata.schema();
    }

    public int schemaId() {
        return metadata.currentSchemaId();
    }

    /// The schema that reads of the ref resolve in: a branch's is the current one, a tag's its snapshot's own.
    public Schema schema(@Nullable String ref) {
        throw new UnsupportedOperationException("lands next: " + ref);
    }

    /// Where the ref stands; null is the main branch. Empty: the table has no snapshot. `REF_NOT_FOUND`
    /// otherwise.
    public Optional<Long> snapshotId(@Nullable String ref) {
        throw new UnsupportedOperationException("lands next: " + ref);
    }

    /// Fixes a snapshot. `REF_NOT_FOUND`, `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_EXPIRED`.
    public SnapshotPin pin(SnapshotChoice choice) {
        throw new UnsupportedOperationException("lands next: " + choice);
    }

    /// Iceberg's table over this metadata; it cannot commit.
    public Table iceberg() {
        return iceberg;
    }

    TableMetadata metadata() {
        return metadata;
    }
}
