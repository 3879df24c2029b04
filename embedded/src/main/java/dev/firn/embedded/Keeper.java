package dev.firn.embedded;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps child processes running: one that dies is started again after a pause, until it dies too often
/// ([RestartLimit]). Thread-safe.
final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    private final Clock clock;
    private final Runnable changed;
    private final RestartLimit limit = new RestartLimit();
    private final Set<ChildProcess> kept = new HashSet<>();
    private final CompletableFuture<Part> lost = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile StackListener listener = new StackListener() {};

    /// @param changed runs after a process was started again
    Keeper(Clock clock, Runnable changed) {
        this.clock = clock;
        this.changed = changed;
    }

    void listen(StackListener to) {
        listener = to;
    }

    StackListener listener() {
        return listener;
    }

    /// Completes with the first part that died too often to be started again.
    CompletableFuture<Part> lost() {
        return lost.copy();
    }

    /// Starts the process again from now on whenever it exits.
    void keep(ChildProcess child) {
        synchronized (kept) {
            kept.add(child);
        }
        watch(child);
    }

    /// Lets the process exit. When this returns, it is not started again.
    void release(ChildProcess child) {
        synchronized (kept) {
            kept.remove(child);
        }
    }

    /// Releases all.
    @Override
    public void close() {
        synchronized (kept) {
            kept.clear();
        }
        closed.countDown();
    }

    private void watch(ChildProcess child) {
        Process process = child.process();
        CompletableFuture<Void> unused = process.onExit()
                .thenRun(() -> Thread.ofVirtual()
                        .name("restart-" + child.state().name())
                        .start(() -> revive(child, process.exitValue())));
    }

    private void revive(ChildProcess child, int exitCode) {
        Part dead = child.state();
        Optional<Duration> pause;
        synchronized (kept) {
            if (!kept.contains(child)) {
                return;
            }
            pause = limit.next(dead.name(), clock.instant());
        }
        if (pause.isEmpty()) {
            LOG.atError()
                    .addKeyValue("part", dead.name())
                    .addKeyValue("log", dead.log())
                    .log("A part of the stack died too often and is not started again");
            lost.complete(dead);
            return;
        }
        LOG.atWarn()
                .addKeyValue("part", dead.name())
                .addKeyValue("exitCode", exitCode)
                .addKeyValue("pause", pause.get())
                .addKeyValue("log", dead.log())
                .log("A part of the stack exited and is started again");
        listener.exited(dead, exitCode, pause.get());
        if (stopsWithin(pause.get()) || !startAgain(child)) {
            return;
        }
        changed.run();
        watch(child);
        try {
            child.awaitReady(listener);
            listener.isBack(child.state());
        } catch (StackException e) {
            // it has exited again, which is noticed, or hangs: then its end is
            LOG.atWarn()
                    .addKeyValue("part", dead.name())
                    .setCause(e)
                    .log("A part of the stack that was started again is not ready");
            child.process().destroyForcibly();
        }
    }

    private boolean stopsWithin(Duration pause) {
        try {
            return closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// @return whether the process runs; otherwise it was released meanwhile
    private boolean startAgain(ChildProcess child) {
        synchronized (kept) {
            if (!kept.contains(child)) {
                return false;
            }
            try {
                child.startAgain();
                return true;
            } catch (StackException e) {
                LOG.atError()
                        .addKeyValue("part", child.state().name())
                        .setCause(e)
                        .log("A part cannot be started");
                lost.complete(child.state());
                return false;
            }
        }
    }
}
