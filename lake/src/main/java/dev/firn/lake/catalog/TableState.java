package dev.firn.lake.catalog;

import org.jspecify.annotations.Nullable;

/// The state of a table's ref at one look.
///
/// @param uuid the table's UUID
/// @param ref branch or tag; null means the main branch
/// @param snapshotId the snapshot of the ref; null if the table had none
/// @param schemaId the schema for reads of the ref
/// @param contentSnapshotId the newest snapshot in its ancestry that changed rows; compactions and commits without rows
///     do not move it
public record TableState(
        String uuid,
        @Nullable String ref,
        @Nullable Long snapshotId,
        int schemaId,
        @Nullable Long contentSnapshotId) {}
