package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import org.jspecify.annotations.Nullable;

/// What fixes a table for reading: with it the same rows come out, whatever is committed since.
///
/// @param table its name
/// @param tableUuid Iceberg's UUID of the table
/// @param snapshotId the snapshot; null: the table had none, and reads as empty
/// @param schemaId the schema its columns resolve in (SEMANTICS rule 13)
/// @param metadataLocation a metadata file that lists the snapshot, for when the catalog no longer does
public record SnapshotPin(
        TableName table, String tableUuid, @Nullable Long snapshotId, int schemaId, String metadataLocation) {}
