package dev.firn.lake.catalog;

import org.jspecify.annotations.Nullable;

/// A column of a view as it was last resolved.
///
/// @param role what the view uses it for
/// @param name its name in the view: entity or feature
/// @param column its name in the table when it was resolved
/// @param fieldId its Iceberg field id, valid for one table UUID only; [#NO_FIELD_ID] if that table had no such column
/// @param type its Iceberg type when it was resolved, as Iceberg prints it
/// @param dtype the declared type; null for keys and timestamps
public record BoundColumn(
        ColumnRole role,
        String name,
        String column,
        int fieldId,
        String type,
        @Nullable Dtype dtype) {
    public static final int NO_FIELD_ID = -1;

    public BoundColumn {
        if ((role == ColumnRole.FEATURE) != (dtype != null)) {
            throw new IllegalArgumentException(name + ": features have a dtype, other columns none");
        }
    }
}
