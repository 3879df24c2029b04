package dev.firn.registration.async;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A [WorkPool] for each of some neighbours, so that a slow one holds back its own work only. Thread-safe.
public final class WorkPools implements AutoCloseable {
    private static final String OTHERS = "others";

    private final String name;
    private final Set<String> neighbours;
    private final int size;
    private final Map<String, WorkPool> pools = new ConcurrentHashMap<>();

    /// @param neighbours that have a pool each; all others share one
    /// @param size threads of each pool
    public WorkPools(String name, Set<String> neighbours, int size) {
        this.name = name;
        this.neighbours = Set.copyOf(neighbours);
        this.size = size;
    }

    /// Throws `RejectedExecutionException` if the neighbour's pool is full.
    public void execute(String neighbour, Runnable task) {
        String key = neighbours.contains(neighbour) ? neighbour : OTHERS;
        pools.computeIfAbsent(key, one -> new WorkPool(name + "-" + one, size)).execute(task);
    }

    @Override
    public void close() {
        pools.values().forEach(WorkPool::close);
    }
}
