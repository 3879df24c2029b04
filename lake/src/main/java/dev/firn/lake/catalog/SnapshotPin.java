package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import org.jspecify.annotations.Nullable;

/// Pins a table for reading: the same rows come out, whatever is committed later.
///
/// @param table its name
/// @param tableUuid Iceberg's UUID of the table
/// @param snapshotId the snapshot; null if the table had none and reads as empty
/// @param schemaId the schema that resolves its columns (docs/semantics.md rule 13)
/// @param metadataLocation a metadata file that lists the snapshot, used if the catalog no longer does
public record SnapshotPin(
        TableName table, String tableUuid, @Nullable Long snapshotId, int schemaId, String metadataLocation) {}
