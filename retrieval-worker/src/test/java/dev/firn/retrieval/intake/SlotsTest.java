package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class SlotsTest {
    private final BlockingQueue<String> started = new LinkedBlockingQueue<>();
    private final Queue<Throwable> escaped = new ConcurrentLinkedQueue<>();

    @Test
    void runsAsManyJobsAsThereAreSlots() throws InterruptedException {
        try (Slots slots = new Slots(2, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking one = new Blocking("one", Lane.REQUESTS);
            Blocking two = new Blocking("two", Lane.REQUESTS);
            Blocking three = new Blocking("three", Lane.REQUESTS);
            slots.submit(one);
            slots.submit(two);
            slots.submit(three);
            assertThat(next()).isIn("one", "two");
            assertThat(next()).isIn("one", "two");
            assertThat(slots.running(Lane.REQUESTS)).isEqualTo(2);
            assertThat(slots.waiting()).isEqualTo(1);

            one.finish();
            assertThat(next()).isEqualTo("three");
            two.finish();
            three.finish();
        }
    }

    @Test
    void limitsRunsToHalfOfTheSlots() throws InterruptedException {
        try (Slots slots = new Slots(4, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking[] runs = new Blocking[3];
            for (int i = 0; i < runs.length; i++) {
                runs[i] = new Blocking("run", Lane.RUNS);
                slots.submit(runs[i]);
            }
            assertThat(next()).isEqualTo("run");
            assertThat(next()).isEqualTo("run");
            assertThat(slots.hasRoom(Lane.RUNS)).isFalse();
            assertThat(slots.hasRoom(Lane.REQUESTS)).isTrue();

            // a thread that starts the request has passed the third run
            Blocking request = new Blocking("request", Lane.REQUESTS);
            slots.submit(request);
            assertThat(next()).isEqualTo("request");
            assertThat(slots.running(Lane.RUNS)).isEqualTo(2);
            assertThat(slots.waiting()).isEqualTo(1);
            request.finish();
            for (Blocking run : runs) {
                run.finish();
            }
        }
    }

    /// One poll may bring more runs than may start. Waiting runs hold no slot.
    @Test
    void waitingRunsLeaveTheFreeSlotToRequests() throws InterruptedException {
        try (Slots slots = new Slots(2, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking one = new Blocking("run", Lane.RUNS);
            Blocking two = new Blocking("run", Lane.RUNS);
            slots.submit(one);
            slots.submit(two);
            assertThat(next()).isEqualTo("run");
            assertThat(slots.hasRoom(Lane.RUNS)).isFalse();
            assertThat(slots.hasRoom(Lane.REQUESTS)).isTrue();

            Blocking request = new Blocking("request", Lane.REQUESTS);
            slots.submit(request);
            assertThat(next()).isEqualTo("request");
            assertThat(slots.hasRoom(Lane.REQUESTS)).isFalse();
            request.finish();
            one.finish();
            assertThat(next()).isEqualTo("run");
            two.finish();
        }
    }

    @Test
    void aRunMayUseTheOnlySlot() throws InterruptedException {
        try (Slots slots = new Slots(1, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking run = new Blocking("run", Lane.RUNS);
            slots.submit(run);

            assertThat(next()).isEqualTo("run");
            run.finish();
        }
    }

    @Test
    void hasNoRoomWhileAllSlotsAreBusy() throws InterruptedException {
        try (Slots slots = new Slots(1, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking job = new Blocking("job", Lane.REQUESTS);
            slots.submit(job);
            next();

            assertThat(slots.hasRoom(Lane.REQUESTS)).isFalse();
            job.finish();
        }
    }

    @Test
    void hasNoRoomWhileMemoryIsShortAndAJobRuns() throws InterruptedException {
        AtomicBoolean memory = new AtomicBoolean(false);
        try (Slots slots = new Slots(2, Slots.Express.NONE, memory::get, escaped::add)) {
            assertThat(slots.hasRoom(Lane.REQUESTS)).isTrue();
            Blocking job = new Blocking("job", Lane.REQUESTS);
            slots.submit(job);
            next();

            assertThat(slots.hasRoom(Lane.REQUESTS)).isFalse();
            memory.set(true);
            assertThat(slots.hasRoom(Lane.REQUESTS)).isTrue();
            job.finish();
        }
    }

    @Test
    void neverStartsARemovedJob() throws InterruptedException {
        try (Slots slots = new Slots(1, Slots.Express.NONE, () -> true, escaped::add)) {
            Blocking first = new Blocking("first", Lane.REQUESTS);
            Blocking forgotten = new Blocking("forgotten", Lane.REQUESTS);
            Blocking last = new Blocking("last", Lane.REQUESTS);
            slots.submit(first);
            next();
            slots.submit(forgotten);
            slots.submit(last);
            slots.forget(job -> job == forgotten);
            first.finish();

            assertThat(next()).isEqualTo("last");
            last.finish();
        }
    }

    @Test
    void survivesAJobThatThrows() throws InterruptedException {
        try (Slots slots = new Slots(1, Slots.Express.NONE, () -> true, escaped::add)) {
            slots.submit(new Slots.Job() {
                @Override
                public Lane lane() {
                    return Lane.REQUESTS;
                }

                @Override
                public void run() {
                    throw new IllegalStateException("a job that fails on purpose");
                }
            });
            Blocking next = new Blocking("next", Lane.REQUESTS);
            slots.submit(next);

            assertThat(next()).isEqualTo("next");
            next.finish();
            assertThat(escaped).singleElement().isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aRequestThatFindsAllSlotsBusyStartsInAnExpressSlot() throws InterruptedException {
        try (Slots slots = new Slots(1, new Slots.Express(1, Duration.ofHours(1)), () -> true, escaped::add)) {
            Blocking first = new Blocking("first", Lane.REQUESTS);
            Blocking express = new Blocking("express", Lane.REQUESTS);
            Blocking run = new Blocking("run", Lane.RUNS);
            slots.submit(first);
            assertThat(next()).isEqualTo("first");
            assertThat(slots.hasRoom(Lane.REQUESTS)).isTrue();
            assertThat(slots.hasRoom(Lane.RUNS)).isFalse();
            slots.submit(run);
            slots.submit(express);
            assertThat(next()).isEqualTo("express");
            assertThat(slots.hasRoom(Lane.REQUESTS)).isFalse();

            express.finish();
            first.finish();
            assertThat(next()).isEqualTo("run");
            run.finish();
        }
    }

    @Test
    void aLongJobGivesWayInAnExpressSlotAndWaitsForASlot() throws InterruptedException {
        try (Slots slots = new Slots(1, new Slots.Express(1, Duration.ofMillis(1)), () -> true, escaped::add)) {
            Blocking first = new Blocking("first", Lane.REQUESTS);
            Blocking tooLong = new Blocking("too long", Lane.REQUESTS);
            slots.submit(first);
            assertThat(next()).isEqualTo("first");
            slots.submit(tooLong);
            // its time begins before its thread does
            assertThat(Arrays.asList(next(), next())).containsExactlyInAnyOrder("too long", "too long gives way");
            Blocking again = new Blocking("again", Lane.REQUESTS);
            again.isLong = true;
            slots.submit(again);
            tooLong.finish();
            Blocking express = new Blocking("short", Lane.REQUESTS);
            slots.submit(express);
            assertThat(next()).isEqualTo("short");
            express.finish();
            first.finish();
            assertThat(next()).isEqualTo("again");
            again.finish();
        }
    }

    private @Nullable String next() throws InterruptedException {
        return started.poll(10, TimeUnit.SECONDS);
    }

    private final class Blocking implements Slots.Job {
        private final String name;
        private final Lane lane;
        private final CountDownLatch finish = new CountDownLatch(1);
        private volatile boolean isLong;

        Blocking(String name, Lane lane) {
            this.name = name;
            this.lane = lane;
        }

        void finish() {
            finish.countDown();
        }

        @Override
        public Lane lane() {
            return lane;
        }

        @Override
        public boolean isLong() {
            return isLong;
        }

        @Override
        public void giveWay() {
            started.add(name + " gives way");
        }

        @Override
        public void run() {
            started.add(name);
            try {
                finish.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
