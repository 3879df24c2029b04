package dev.firn.retrieval;

import dev.firn.config.FirnConfig;

/// Divides the memory budget of a worker between its jobs and the metadata that it keeps.
final class WorkerMemory {
    private static final int DEFAULT_METADATA_DIVISOR = 8;
    private static final int MIN_METADATA_DIVISOR = 2;

    private WorkerMemory() {}

    /// For all jobs together.
    static long jobBytes(FirnConfig config) {
        return budgetBytes(config) - metadataBytes(config);
    }

    /// For the metadata of tables: at most half of the budget.
    static long metadataBytes(FirnConfig config) {
        long budget = budgetBytes(config);
        return Math.min(
                config.cache().metadataBytes().orElse(budget / DEFAULT_METADATA_DIVISOR),
                budget / MIN_METADATA_DIVISOR);
    }

    private static long budgetBytes(FirnConfig config) {
        return config.retrieval()
                .memoryBudgetBytes()
                .orElse(Runtime.getRuntime().maxMemory() / 2);
    }
}
