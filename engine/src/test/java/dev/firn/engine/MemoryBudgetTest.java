package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testkit.Waiting;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private final MemoryBudget budget = new MemoryBudget(100);

    @Test
    void countsReservedBytes() {
        try (MemoryBudget.Lease lease = budget.acquire(60, "the index")) {
            assertThat(budget.available()).isEqualTo(40);
            assertThat(lease.bytes()).isEqualTo(60);
        }
        assertThat(budget.available()).isEqualTo(100);
    }

    @Test
    void rejectsMoreThanIsFreeAndSaysHowMuchIsFree() {
        try (MemoryBudget.Lease lease = budget.acquire(60, "the index")) {
            assertThatThrownBy(() -> budget.acquire(41, "the winners"))
                    .isInstanceOf(BudgetExceededException.class)
                    .hasMessage("the winners needs 41 bytes; 40 of the budget's 100 bytes are free");
            assertThat(lease.bytes()).isEqualTo(60);
        }
    }

    @Test
    void rejectsAtOnceWhatCanNeverFit() {
        assertThatThrownBy(() -> budget.await(101, "a job", LONG_ENOUGH, () -> false))
                .isInstanceOf(BudgetExceededException.class);
    }

    @Test
    void stopsWaitingAtTheLimit() {
        try (MemoryBudget.Lease lease = budget.acquire(100, "another job")) {
            assertThatThrownBy(() -> budget.await(1, "a job", Duration.ofMillis(5), () -> false))
                    .isInstanceOf(BudgetExceededException.class);
            assertThat(lease.bytes()).isEqualTo(100);
        }
        assertThat(budget.acquire(100, "the next").bytes()).isEqualTo(100);
    }

    @Test
    void stopsWaitingWhenTheJobIsCancelled() {
        try (MemoryBudget.Lease _ = budget.acquire(100, "another job")) {
            assertThatThrownBy(() -> budget.await(1, "a job", LONG_ENOUGH, () -> true))
                    .isInstanceOf(CancellationException.class);
            assertThat(budget.waiting()).isZero();
        }
    }

    @Test
    void aLeaseGrowsOnlyIntoFreeBytesAndReleasesThemOnce() {
        MemoryBudget.Lease lease = budget.acquire(10, "a job");
        lease.resize(90);
        assertThat(budget.available()).isEqualTo(10);
        assertThatThrownBy(() -> lease.resize(101)).isInstanceOf(BudgetExceededException.class);
        assertThat(lease.bytes()).isEqualTo(90);
        lease.resize(20);
        assertThat(budget.available()).isEqualTo(80);
        lease.close();
        lease.close();
        assertThat(budget.available()).isEqualTo(100);
        assertThatThrownBy(() -> lease.resize(1)).hasMessageContaining("closed");
    }

    @Test
    void everyWaitingJobGetsItsTurnAndTheBudgetIsNeverExceeded() throws Exception {
        AtomicLong held = new AtomicLong();
        AtomicLong max = new AtomicLong();
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            Future<?>[] jobs = new Future<?>[200];
            for (int i = 0; i < jobs.length; i++) {
                long wanted = 1 + i * 37L % 100;
                jobs[i] = pool.submit(() -> {
                    try (MemoryBudget.Lease lease = budget.await(wanted, "a job", LONG_ENOUGH, () -> false)) {
                        max.accumulateAndGet(held.addAndGet(lease.bytes()), Math::max);
                        Thread.onSpinWait();
                        held.addAndGet(-wanted);
                    }
                    return null;
                });
            }
            for (Future<?> job : jobs) {
                job.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
            }
        }
        assertThat(max.get()).isBetween(1L, 100L);
        assertThat(budget.available()).isEqualTo(100);
    }

    @Test
    void smallJobsDoNotOvertakeALargeOne() throws Exception {
        MemoryBudget.Lease running = budget.acquire(50, "running");
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            Future<MemoryBudget.Lease> large = pool.submit(() -> budget.await(100, "large", LONG_ENOUGH, () -> false));
            Waiting.until(LONG_ENOUGH, () -> budget.waiting() == 1, "the large job to wait");
            Future<MemoryBudget.Lease> small = pool.submit(() -> budget.await(10, "small", LONG_ENOUGH, () -> false));
            Waiting.until(LONG_ENOUGH, () -> budget.waiting() == 2, "the small job to wait behind it");
            assertThat(small.isDone()).isFalse();
            running.close();
            large.get(30, TimeUnit.SECONDS).close();
            small.get(30, TimeUnit.SECONDS).close();
        }
        assertThat(budget.available()).isEqualTo(100);
    }
}
