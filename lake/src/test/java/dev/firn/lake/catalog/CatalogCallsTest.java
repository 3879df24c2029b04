package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import dev.firn.lake.TableName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CatalogCallsTest {
    private static final TableName TABLE = TableName.parse("iceberg.gold.orders");

    private final CatalogCalls calls = new CatalogCalls(
            new CatalogFaults(Secrets.of(List.of())), CatalogLimits.DEFAULTS.withCallTime(Duration.ofMillis(800)));

    @AfterEach
    void close() {
        calls.close();
    }

    @Test
    void aTransientFaultIsRetried() {
        AtomicInteger tries = new AtomicInteger();
        int answer = calls.run(TABLE, () -> {
            if (tries.incrementAndGet() < 3) {
                throw new SQLException("[SQLITE_BUSY] The database file is locked");
            }
            return 7;
        });
        assertThat(answer).isEqualTo(7);
        assertThat(tries).hasValue(3);
    }

    @Test
    void aPermanentFaultIsAnOutageAfterBoundedRetries() {
        AtomicInteger tries = new AtomicInteger();
        assertThatThrownBy(() -> calls.run(TABLE, () -> {
                    tries.incrementAndGet();
                    throw new SQLException("[SQLITE_BUSY] The database file is locked");
                }))
                .isInstanceOf(LakeOutage.class)
                .hasMessageContaining("[iceberg.gold.orders]")
                .hasMessageContaining("SQLITE_BUSY");
        assertThat(tries).hasValue(3);
    }

    @Test
    void aDefiniteAnswerIsNotRetried() {
        AtomicInteger tries = new AtomicInteger();
        assertThatThrownBy(() -> calls.run(TABLE, () -> {
                    tries.incrementAndGet();
                    throw new LakeRejection(LakeCode.TABLE_NOT_FOUND, "no");
                }))
                .isInstanceOf(LakeRejection.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aCallThatHangsIsInterruptedAndAnOutage() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        assertThatThrownBy(() -> calls.run(TABLE, () -> {
                    try {
                        return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                }))
                .isInstanceOf(LakeOutage.class)
                .hasMessageContaining("did not answer within 800 ms");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /// What a call uses is closed right after the calls.
    @Test
    void closingWaitsForTheCallsInProgress() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean closed = new AtomicBoolean();
        AtomicBoolean ended = new AtomicBoolean();
        Thread closer = Thread.currentThread();
        Thread caller = Thread.ofVirtual()
                .start(() -> calls.run(TABLE, () -> {
                    started.countDown();
                    try {
                        return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                        while (closer.getState() != Thread.State.TIMED_WAITING && !closed.get()) {
                            Thread.onSpinWait();
                        }
                        ended.set(true);
                        throw e;
                    }
                }));
        assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();

        calls.close();

        assertThat(ended).isTrue();
        closed.set(true);
        caller.join();
    }
}
