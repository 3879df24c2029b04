package dev.firn.lake.catalog;

import org.jspecify.annotations.Nullable;

/// A table's ref as it stood at one look.
///
/// @param uuid the table's UUID
/// @param ref branch or tag; null: the main branch
/// @param snapshotId where the ref stood; null: the table had no snapshot
/// @param schemaId the schema that reads of the ref resolve in
/// @param contentSnapshotId the newest snapshot up to there that changed what the table says; compaction
///        and commits
///        without rows do not move it
public record TableState(
        String uuid,
        @Nullable String ref,
        @Nullable Long snapshotId,
        int schemaId,
        @Nullable Long contentSnapshotId) {}
