package dev.firn.retrieval.job;

/// The limits of one request.
public record RetrievalLimits(int maxViews, int maxColumns, long maxSpineRows) {
    public RetrievalLimits {
        if (maxViews < 1 || maxColumns < 1 || maxSpineRows < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
