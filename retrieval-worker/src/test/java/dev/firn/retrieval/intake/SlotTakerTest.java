package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.service.Backoff;
import dev.firn.testkit.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class SlotTakerTest {
    private static final Turn PARKED = new Turn.Parked(Turn.Cause.UNREADABLE);
    private static final Turn ANSWERED = new Turn.Answered();

    private final BlockingQueue<Long> answered = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> turns = new LinkedBlockingQueue<>();
    private final Queue<Throwable> escaped = new ConcurrentLinkedQueue<>();
    private Parking parking = parking(Duration.ofMillis(1));
    private Slots slots = new Slots(2, Slots.Express.NONE, () -> true, escaped::add);

    private static Parking parking(Duration pause) {
        return new Parking(new Backoff(pause, pause), 100, Clock.systemUTC());
    }

    @AfterEach
    void close() {
        parking.close();
        slots.close();
    }

    @Test
    void aParkedRequestHasAnotherTurn() throws InterruptedException {
        Queue<Turn> next = new ConcurrentLinkedQueue<>(List.of(PARKED, PARKED, ANSWERED));
        take(new SlotTaker(slots, parking, (_, _) -> next.remove()), request(1));

        assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(next).isEmpty();
    }

    /// Each turn is measured when it has ended, so the last one shows once its slot is free.
    @Test
    void measuresTurnsByOutcome() throws InterruptedException {
        Queue<Turn> next = new ConcurrentLinkedQueue<>(List.of(PARKED, ANSWERED));
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        SlotTaker taker = new SlotTaker(slots, parking, (_, _) -> next.remove());
        taker.bindTo(metrics);
        take(taker, request(1));

        assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
        slots.close();
        for (String outcome : List.of("PARKED", "ANSWERED")) {
            var timer = metrics.get("firn.retrieval.answer")
                    .tag("lane", "REQUESTS")
                    .tag("outcome", outcome)
                    .timer();
            assertThat(timer.count()).isEqualTo(1);
            assertThat(timer.takeSnapshot().histogramCounts()).isNotEmpty();
        }
    }

    /// Outcomes that cannot be read used to hold a slot each, until a worker had none left.
    @Test
    void parkedRequestsLeaveTheSlotsToOthers() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        SlotTaker taker =
                new SlotTaker(slots, parking, (request, _) -> request.record().offset() < 10 ? PARKED : ANSWERED);
        for (int i = 0; i < 10; i++) {
            take(taker, request(i));
        }
        take(taker, request(10));

        assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(10);
        // its slot is free a moment later
        Waiting.until(Duration.ofSeconds(10), () -> taker.hasRoom(Lane.REQUESTS), "room for a request");
        // the tenth may still hold its slot when the eleventh is answered in another
        Waiting.until(Duration.ofSeconds(10), () -> parking.count(Turn.Cause.UNREADABLE) == 10, "ten parked requests");
        assertThat(parking.oldest().orElseThrow().cause()).isEqualTo(Turn.Cause.UNREADABLE);
    }

    @Test
    void takesNoMoreWhileParkedRequestsFillTheirMemory() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        TakenRequest large = new TakenRequest(record(1, new byte[100]), Lane.REQUESTS);
        SlotTaker taker = new SlotTaker(slots, parking, (request, _) -> request == large ? PARKED : ANSWERED);
        take(taker, large);
        take(taker, request(2));
        assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
        while (parking.count(Turn.Cause.UNREADABLE) == 0) {
            Thread.onSpinWait();
        }
        assertThat(taker.hasRoom(Lane.REQUESTS)).isFalse();

        taker.cancel(large);
        Waiting.until(Duration.ofSeconds(10), () -> taker.hasRoom(Lane.REQUESTS), "room for a request");
    }

    @Test
    void headersOfParkedRequestsCountToo() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        TakenRequest request = request(1);
        request.headers().add("trace", new byte[95]);
        SlotTaker taker = new SlotTaker(slots, parking, (_, _) -> PARKED);
        take(taker, request);
        Waiting.until(Duration.ofSeconds(10), () -> parking.count(Turn.Cause.UNREADABLE) == 1, "a parked request");

        assertThat(taker.hasRoom(Lane.REQUESTS)).isFalse();
    }

    /// While they are parked, no other request is taken: they must not stop the worker.
    @Test
    void aCopyThatSharesTheValueOfItsRequestTakesNoMemory() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        TakenRequest first = new TakenRequest(record(1, new byte[100]), Lane.REQUESTS);
        TakenRequest copy = new TakenRequest(record(2, new byte[100]), Lane.REQUESTS);
        TakenRequest another = new TakenRequest(record(3, new byte[99]), Lane.REQUESTS);
        copy.shareValueOf(first);
        another.shareValueOf(first);

        assertThat(copy.record().value()).isSameAs(first.record().value());
        assertThat(copy.bytes()).isZero();
        assertThat(another.bytes()).isEqualTo(99);
        copy.keepValue(); // it is the one in progress now
        assertThat(copy.bytes()).isEqualTo(100);
    }

    @Test
    void namesTheOldestDuplicateIfNothingElseIsParked() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        SlotTaker taker = new SlotTaker(
                slots,
                parking,
                (request, _) -> request.record().offset() == 1 ? new Turn.Parked(Turn.Cause.DUPLICATE) : PARKED);
        take(taker, request(1));
        Waiting.until(Duration.ofSeconds(10), () -> parking.count(Turn.Cause.DUPLICATE) == 1, "a parked copy");
        assertThat(parking.oldest().orElseThrow().cause()).isEqualTo(Turn.Cause.DUPLICATE);

        take(taker, request(2));
        Waiting.until(Duration.ofSeconds(10), () -> parking.count(Turn.Cause.UNREADABLE) == 1, "a parked request");
        assertThat(parking.oldest().orElseThrow().cause()).isEqualTo(Turn.Cause.UNREADABLE);
    }

    @Test
    void cancelsAParkedRequestAtOnce() throws InterruptedException {
        parking = parking(Duration.ofHours(1));
        SlotTaker taker = new SlotTaker(slots, parking, (_, _) -> PARKED);
        TakenRequest request = request(1);
        take(taker, request);
        while (parking.count(Turn.Cause.UNREADABLE) == 0) {
            Thread.onSpinWait();
        }

        assertThat(taker.cancelUnlessRunning(request)).isTrue();
        assertThat(parking.count(Turn.Cause.UNREADABLE)).isZero();
        assertThat(request.cancellation().isCancelled()).isTrue();
    }

    @Test
    void nothingRunsBesideARequestThatRunsAlone() throws InterruptedException {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch alone = new CountDownLatch(1);
        SlotTaker taker = new SlotTaker(slots, parking, (request, isAlone) -> {
            long offset = request.record().offset();
            turns.add(offset + (isAlone ? " alone" : ""));
            if (offset == 1) {
                await(first);
            }
            if (offset == 2 && isAlone) {
                await(alone);
            }
            return offset == 2 && !isAlone ? new Turn.Alone() : ANSWERED;
        });
        take(taker, request(1));
        assertThat(turns.take()).isEqualTo("1");
        take(taker, request(2));
        assertThat(turns.take()).isEqualTo("2");
        while (slots.waiting() == 0) {
            Thread.onSpinWait();
        }
        assertThat(taker.hasRoom(Lane.REQUESTS)).isFalse();
        take(taker, request(3));

        first.countDown();
        assertThat(turns.take()).isEqualTo("2 alone");
        assertThat(slots.waiting()).isEqualTo(1);
        assertThat(taker.hasRoom(Lane.REQUESTS)).isFalse();
        alone.countDown();
        assertThat(turns.take()).isEqualTo("3");
    }

    @Test
    void inAWorkerOfOneSlotEveryRequestRunsAlone() throws InterruptedException {
        slots.close();
        slots = new Slots(1, Slots.Express.NONE, () -> true, escaped::add);
        take(
                new SlotTaker(slots, parking, (_, isAlone) -> {
                    turns.add("alone: " + isAlone);
                    return ANSWERED;
                }),
                request(1));

        assertThat(turns.take()).isEqualTo("alone: true");
    }

    /// Its request would be lost until the partition moves, so the process has to end.
    @Test
    void reportsWhatEscapesAJob() throws InterruptedException {
        SlotTaker taker = new SlotTaker(slots, parking, (request, _) -> {
            if (request.record().offset() == 1) {
                throw new OutOfMemoryError("says the test");
            }
            return ANSWERED;
        });
        take(taker, request(1));
        take(taker, request(2));

        assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
        while (escaped.isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(escaped).singleElement().isInstanceOf(OutOfMemoryError.class);
    }

    private void take(SlotTaker taker, TakenRequest request) {
        taker.take(request, () -> answered.add(request.record().offset()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static TakenRequest request(long offset) {
        return new TakenRequest(record(offset, new byte[0]), Lane.REQUESTS);
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] value) {
        return new ConsumerRecord<>(
                "retrieval-requests",
                0,
                offset,
                0L,
                TimestampType.LOG_APPEND_TIME,
                0,
                value.length,
                new byte[0],
                value,
                new RecordHeaders(),
                Optional.empty());
    }
}
