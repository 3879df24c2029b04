package dev.firn.registration.table;

/// Where looks at tables are made.
@FunctionalInterface
public interface LookPool {
    /// Starts the look soon. Throws `RejectedExecutionException` if the catalog's threads are busy.
    void execute(String catalog, Runnable look);
}
