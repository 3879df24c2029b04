package dev.firn.chaos.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Lets one of many threads run at a time, and draws who runs next at each step, so that a seed decides the
/// whole run.
///
/// Each actor is a thread. Whoever holds the baton runs until its next [#step], draws the next actor and
/// hands the baton over. Nothing else may block an actor. Everything that is touched only between two steps
/// of the same actor needs no lock: the baton is volatile, so each handover publishes all that was written
/// before it.
final class Baton {
    /// Far more than a run takes on a busy machine.
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final SplittableRandom random;
    private final List<Actor> actors = new ArrayList<>();
    private final Thread owner = Thread.currentThread();
    /// Null while the owner has the baton.
    private volatile @Nullable Actor holder;

    private final long limit;
    private long steps;
    private @Nullable Throwable failure;

    /// @param limit steps after which every actor is killed: a run that gets there does not end by itself
    Baton(SplittableRandom random, long limit) {
        this.random = random;
        this.limit = limit;
    }

    /// Thrown by each step of an actor that was killed: nothing that it does afterwards has an effect.
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /// A thread that runs while it has the baton.
    final class Actor {
        private final Thread thread;
        private final Runnable onKill;
        private boolean killed;
        /// Not drawn before this step, as if it were stopped.
        private long sleepsUntil;

        private Actor(Runnable work, Runnable onKill) {
            this.onKill = onKill;
            thread = Thread.ofVirtual().unstarted(() -> {
                awaitTurn(this);
                try {
                    work.run();
                } catch (Killed e) {
                    // its calls never return
                } catch (RuntimeException | Error e) {
                    failure = failure == null ? e : failure;
                }
                actors.remove(this);
                handOver(drawn());
            });
        }

        /// From now on its calls do not return.
        void kill() {
            killed = true;
            sleepsUntil = 0;
            onKill.run();
        }

        boolean isKilled() {
            return killed;
        }

        void sleep(long howManySteps) {
            sleepsUntil = steps + howManySteps;
        }
    }

    /// Adds an actor. It runs once it is drawn.
    Actor start(Runnable work, Runnable onKill) {
        Actor actor = new Actor(work, onKill);
        actors.add(actor);
        actor.thread.start();
        return actor;
    }

    /// Runs the actors until all have ended. To be called by the thread that made the baton.
    ///
    /// @throws AssertionError if an actor ended by an exception
    void run() {
        Actor first = drawn();
        if (first == null) {
            return;
        }
        handOver(first);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (holder != null) {
            LockSupport.parkNanos(this, LIMIT.toNanos());
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not over after %s: an actor takes no more steps".formatted(LIMIT));
            }
        }
        if (failure != null) {
            throw new AssertionError("an actor failed", failure);
        }
    }

    /// The actor that is running.
    Actor current() {
        Actor actor = holder;
        if (actor == null) {
            throw new IllegalStateException("no actor is running");
        }
        return actor;
    }

    /// Lets others run, if the draw says so.
    ///
    /// @throws Killed if the actor was killed
    void step() {
        Actor me = current();
        if (me.killed) {
            throw new Killed();
        }
        if (++steps > limit) {
            me.kill();
            throw new Killed();
        }
        Actor next = drawn();
        if (next != me) {
            handOver(next);
            awaitTurn(me);
        }
        if (me.killed) {
            throw new Killed();
        }
    }

    boolean isOverLimit() {
        return steps > limit;
    }

    List<Actor> actors() {
        return List.copyOf(actors);
    }

    /// Someone who is awake; the one who wakes first if all sleep; null if there is nobody.
    private @Nullable Actor drawn() {
        if (actors.isEmpty()) {
            return null;
        }
        int start = random.nextInt(actors.size());
        Actor earliest = actors.get(start);
        for (int i = 0; i < actors.size(); i++) {
            Actor one = actors.get((start + i) % actors.size());
            if (one.sleepsUntil <= steps) {
                return one;
            }
            earliest = one.sleepsUntil < earliest.sleepsUntil ? one : earliest;
        }
        return earliest;
    }

    private void handOver(@Nullable Actor next) {
        holder = next;
        LockSupport.unpark(next == null ? owner : next.thread);
    }

    private void awaitTurn(Actor me) {
        while (holder != me) {
            LockSupport.park(this);
        }
    }
}
