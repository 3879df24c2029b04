package dev.firn.registration.async;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hands outcomes of work done off the stream thread to the processor that asked for it.
///
/// Belongs to one incarnation of a processor, from `init` to `close`. What arrives after `close` is dropped, so that no
/// outcome reaches another incarnation of the task. Holds at most one outcome per piece of work in flight. Any thread
/// may put; only the stream thread drains.
public final class Mailbox<T> {
    private final Queue<T> letters = new ConcurrentLinkedQueue<>();
    private volatile boolean open = true;

    public boolean isOpen() {
        return open;
    }

    public void put(T letter) {
        if (open) {
            letters.add(letter);
        }
    }

    public void drain(Consumer<T> reader) {
        for (@Nullable T letter = letters.poll(); letter != null; letter = letters.poll()) {
            reader.accept(letter);
        }
    }

    public void close() {
        open = false;
        letters.clear();
    }
}
