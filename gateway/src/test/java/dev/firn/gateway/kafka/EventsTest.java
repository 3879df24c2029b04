package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.EventClasses;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class EventsTest {
    private final Events events = new Events();

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    private static RetrievalProgress progress(String id, long done) {
        return RetrievalProgress.newBuilder()
                .setRequestId(id)
                .setAttempt(1)
                .setStage("join")
                .setDone(done)
                .setTotal(0)
                .setAt(Instant.EPOCH)
                .build();
    }

    private static RetrievalResult result(String id) {
        return RetrievalResult.newBuilder()
                .setRequestId(id)
                .setRequestDigest("d")
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage("done")
                .setCompletedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void handsEventsToWhoeverWaitsForTheirId() {
        try (Subscription mine = events.subscribe("a");
                Subscription other = events.subscribe("b")) {
            events.arrived(progress("a", 1));
            events.arrived(result("a"));

            Optional<SpecificRecord> picked = mine.await(
                    Duration.ofSeconds(5),
                    event -> event instanceof RetrievalResult ? Optional.of(event) : Optional.empty());
            assertThat(picked).contains(result("a"));
            assertThat(other.next(Duration.ZERO)).isEmpty();
            assertThat(events.progress("a")).contains(progress("a", 1));
        }
    }

    @Test
    void progressOfARunIsAboutItsStandingRetrieval() {
        try (Subscription standing = events.subscribe("daily")) {
            events.arrived(progress("daily.r1.0123456789abcdef", 1));

            assertThat(standing.next(Duration.ZERO)).isPresent();
        }
    }

    @Test
    void aRequestThatIsNamedAsAStandingRetrievalIsNotAboutIt() {
        RetrievalResult run = RetrievalResult.newBuilder(result("daily.r1.0123456789abcdef"))
                .setStandingId("daily")
                .build();

        assertThat(Events.isAboutStanding(run, "daily")).isTrue();
        assertThat(Events.isAboutStanding(progress("daily.r1.0123456789abcdef", 1), "daily"))
                .isTrue();
        assertThat(Events.isAboutStanding(result("daily"), "daily")).isFalse();
        assertThat(Events.isAboutStanding(progress("daily", 1), "daily")).isFalse();
        assertThat(Events.isAboutStanding(progress("daily.a.b", 1), "daily")).isFalse();
        assertThat(Events.isAboutStanding(run, "daily.r1.0123456789abcdef")).isFalse();
    }

    @Test
    void nothingIsLeftOfAClosedSubscription() {
        events.subscribe("a").close();
        try (Subscription _ = events.subscribe("a")) {
            assertThat(events.open()).isEqualTo(1);
        }
        assertThat(events.open()).isZero();
    }

    @Test
    void aSlowReaderLosesTheOldest() {
        try (Subscription slow = events.subscribe("a")) {
            for (int i = 0; i <= Subscription.MAX_EVENTS; i++) {
                events.arrived(progress("a", i));
            }

            assertThat(slow.next(Duration.ZERO)).contains(progress("a", 1));
        }
    }
}
