package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.storage.ReadCancellation;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every task runs once, the first failure stops the others, and no thread or context outlives the call.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParallelFilesTest {
    private static final long LIMIT_SECONDS = 30;

    private final Queue<Context> contexts = new ConcurrentLinkedQueue<>();
    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    private static final class Context implements Closeable {
        private final Thread owner = Thread.currentThread();
        private final AtomicInteger closed = new AtomicInteger();

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    @AfterEach
    void nothingLeaks() throws InterruptedException {
        for (Context context : contexts) {
            assertThat(context.closed).hasValue(1);
            if (context.owner != Thread.currentThread()) {
                context.owner.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
                assertThat(context.owner.isAlive()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void readersHeedTheCancellationOfTheirJob(int threads) {
        ReadCancellation.heeding(() -> true, () -> {
            run(threads, 3, file -> List.of(context -> done.add(file + " " + ReadCancellation.isCancelled())));
            return true;
        });

        assertThat(done).containsExactlyInAnyOrder("0 true", "1 true", "2 true");
        assertThat(ReadCancellation.isCancelled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void everyTaskOfEveryFileRunsOnce(int threads) {
        List<String> expected = new ArrayList<>();
        for (int file = 0; file < 100; file++) {
            for (int task = 0; task < file % 4; task++) {
                expected.add(file + "." + task);
            }
        }

        run(threads, 100, file -> {
            List<Consumer<Context>> tasks = new ArrayList<>();
            for (int task = 0; task < file % 4; task++) {
                String name = file + "." + task;
                tasks.add(context -> {
                    assertThat(context.owner).isSameAs(Thread.currentThread());
                    done.add(name);
                });
            }
            return tasks;
        });

        assertThat(done).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(contexts).hasSize(threads);
    }

    @Test
    void threadsShareTheTasksOfOneFile() {
        CyclicBarrier both = new CyclicBarrier(2);
        Consumer<Context> task = context -> {
            await(both);
            done.add("task");
        };

        run(2, 1, file -> List.of(task, task));

        assertThat(done).hasSize(2);
    }

    @Test
    void aFailureOnOneThreadDropsTheWaitingTasks() {
        assertThatThrownBy(() -> run(
                        1,
                        3,
                        file -> List.of(context -> {
                            done.add("task " + file);
                            if (file == 1) {
                                throw new IllegalStateException("first");
                            }
                        })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("first");

        assertThat(done).containsExactly("task 0", "task 1");
    }

    @Test
    void theFirstFailureSurfacesAndTheOtherThreadsStop() {
        AtomicReference<@Nullable Thread> failing = new AtomicReference<>();
        CyclicBarrier bothRun = new CyclicBarrier(2);

        assertThatThrownBy(() -> run(
                        2,
                        1_000,
                        file -> List.of(context -> {
                            done.add("task");
                            await(bothRun);
                            if (failing.compareAndSet(null, Thread.currentThread())) {
                                throw new IllegalStateException("first");
                            }
                            spinUntilIdle(failing.get());
                            throw new IllegalStateException("second");
                        })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("first");

        assertThat(done).hasSize(2);
    }

    @Test
    void theOtherThreadsTakeNoTaskAfterAFailure() {
        AtomicReference<@Nullable Thread> failing = new AtomicReference<>();
        CyclicBarrier bothRun = new CyclicBarrier(2);

        assertThatThrownBy(() -> run(
                        2,
                        1_000,
                        file -> List.of(context -> {
                            done.add("task");
                            if (failing.get() == null) {
                                await(bothRun);
                            }
                            if (failing.compareAndSet(null, Thread.currentThread())) {
                                throw new AssertionError("first");
                            }
                            spinUntilIdle(failing.get());
                        })))
                .isInstanceOf(AssertionError.class)
                .hasMessage("first");

        assertThat(done).hasSize(2);
    }

    @Test
    void aFileThatCannotBeOpenedWakesTheThreadsThatWaitForIt() {
        assertThatThrownBy(() -> run(3, 1, file -> {
                    while (contexts.size() < 3) {
                        Thread.onSpinWait();
                    }
                    contexts.stream()
                            .map(context -> context.owner)
                            .filter(thread -> thread != Thread.currentThread())
                            .forEach(ParallelFilesTest::spinUntilIdle);
                    throw new IllegalStateException("cannot open");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("cannot open");
    }

    @Test
    void aContextThatCannotBeClosedIsAFailure() {
        assertThatThrownBy(() -> ParallelFiles.<Closeable>run(
                        2,
                        1,
                        () -> () -> {
                            throw new IOException("cannot close");
                        },
                        file -> List.of(context -> done.add("task"))))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("cannot close");

        assertThat(done).hasSize(1);
    }

    @Test
    void anInterruptedCallerStopsTheThreadsAndWaitsForThem() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(2);
        AtomicInteger interrupted = new AtomicInteger();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            try {
                run(
                        2,
                        1_000,
                        file -> List.of(context -> {
                            done.add("task");
                            running.countDown();
                            try {
                                new CountDownLatch(1).await(LIMIT_SECONDS, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                interrupted.incrementAndGet();
                            }
                        }));
            } catch (CancellationException e) {
                thrown.set(e);
            }
            flag.set(Thread.currentThread().isInterrupted());
        });
        caller.start();
        assertThat(running.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();

        caller.interrupt();
        caller.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));

        assertThat(thrown.get()).isInstanceOf(CancellationException.class).hasMessage("interrupted");
        assertThat(flag).isTrue();
        assertThat(interrupted).hasValue(2);
        assertThat(done).hasSize(2);
    }

    private void run(int threads, int files, IntFunction<List<Consumer<Context>>> open) {
        ParallelFiles.run(
                threads,
                files,
                () -> {
                    Context context = new Context();
                    contexts.add(context);
                    return context;
                },
                open);
    }

    /// Until the thread waits for work or has ended: it has recorded its failure by then.
    private static void spinUntilIdle(@Nullable Thread thread) {
        while (thread != null
                && thread.getState() != Thread.State.WAITING
                && thread.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
