package dev.firn.retrieval.job;

/// What one request may ask for at most.
public record RetrievalLimits(int maxViews, int maxColumns, long maxSpineRows) {
    public RetrievalLimits {
        if (maxViews < 1 || maxColumns < 1 || maxSpineRows < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }
}
