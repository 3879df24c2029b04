package dev.firn.retrieval.job;

/// The limits of one request.
///
/// @param tiesWarningPercent of the spine rows that found a row: if more were decided by the order of files alone, the
///     result warns
public record RetrievalLimits(int maxViews, int maxColumns, long maxSpineRows, int tiesWarningPercent) {
    public RetrievalLimits(int maxViews, int maxColumns, long maxSpineRows) {
        this(maxViews, maxColumns, maxSpineRows, 1);
    }

    public RetrievalLimits {
        if (maxViews < 1 || maxColumns < 1 || maxSpineRows < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
