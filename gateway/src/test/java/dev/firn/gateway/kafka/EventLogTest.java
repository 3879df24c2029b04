package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class EventLogTest {
    private static final int OVERHEAD = 256;

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    private static RetrievalProgress event() {
        return RetrievalProgress.newBuilder()
                .setRequestId("r")
                .setAttempt(1)
                .setStage("join")
                .setDone(0)
                .setTotal(0)
                .setAt(Instant.EPOCH)
                .build();
    }

    /// The log that searches all it has is the oracle.
    @Test
    void tellsWhatASearchOfEverythingWould() {
        Random random = new Random(5);
        EventLog log = new EventLog(40L * OVERHEAD);
        List<EventLog.Entry> all = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            List<String> ids = random.nextInt(4) == 0
                    ? List.of("id" + random.nextInt(6), "group")
                    : List.of("id" + random.nextInt(6));
            all.add(log.add(event(), ids, random.nextInt(3 * OVERHEAD)));

            String id = random.nextBoolean() ? "group" : "id" + random.nextInt(7);
            long after = random.nextLong(Math.max(0, log.last() - 50), log.last() + 1);
            List<EventLog.Entry> kept = all.stream()
                    .filter(entry ->
                            entry.number() > log.dropped() && entry.ids().contains(id))
                    .toList();
            assertThat(log.after(after, id))
                    .isEqualTo(kept.stream()
                            .filter(entry -> entry.number() > after)
                            .toList());
            assertThat(log.newest(id)).isEqualTo(kept.stream().reduce((_, later) -> later));
        }
    }

    @Test
    void nothingIsLeftOfAnIdWhoseEventsAreDropped() {
        EventLog log = new EventLog(10L * OVERHEAD);
        for (int i = 0; i < 1_000; i++) {
            log.add(event(), List.of("id" + i), 0);
        }

        assertThat(log.ids()).isEqualTo(10);
        assertThat(log.after(0, "id1")).isEmpty();
        log.add(event(), List.of("large"), 10 * OVERHEAD);
        assertThat(log.ids()).as("larger than all that is kept").isZero();
        assertThat(log.dropped()).isEqualTo(log.last());
    }
}
