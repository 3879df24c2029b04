package dev.firn.registration;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Work that waits until a test runs it, in any order.
final class QueuedWork implements Executor {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private int capacity = Integer.MAX_VALUE;
    private int refused;

    @Override
    public void execute(Runnable task) {
        if (tasks.size() >= capacity) {
            refused++;
            throw new RejectedExecutionException("full");
        }
        tasks.add(task);
    }

    void limitTo(int waiting) {
        capacity = waiting;
    }

    /// How often work was refused because too much was waiting.
    int refused() {
        return refused;
    }

    int waiting() {
        return tasks.size();
    }

    void runFirst() {
        tasks.removeFirst().run();
    }

    void runLast() {
        tasks.removeLast().run();
    }

    void runAll() {
        while (!tasks.isEmpty()) {
            runFirst();
        }
    }
}
