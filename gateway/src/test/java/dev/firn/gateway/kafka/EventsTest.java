package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventsTest {
    private static final int BYTES = 100;

    private final Events events = new Events(1 << 20);

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
            events.arrived(progress("a", 1), BYTES);
            events.arrived(result("a"), BYTES);

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
            events.arrived(progress("daily.r1.0123456789abcdef", 1), BYTES);

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
    void aSlowReaderLosesTheOldestAndIsTold() {
        try (Subscription slow = events.subscribe("a")) {
            for (int i = 0; i < Subscription.MAX_EVENTS + 2; i++) {
                events.arrived(progress("a", i), BYTES);
            }

            Subscription.Step gap = slow.step(Duration.ZERO);
            assertThat(gap.isGap()).isTrue();
            assertThat(gap.event()).isEmpty();
            assertThat(slow.step(Duration.ZERO).event()).contains(progress("a", 2));
            // whoever goes away after it was told gets what followed the gap
            try (Subscription again = events.subscribe("a", Optional.of(gap.id()))) {
                assertThat(again.step(Duration.ZERO).event()).contains(progress("a", 2));
            }
        }
    }

    /// Two hundred results of 900 KiB that wait for one reader would fill the heap of a gateway.
    @Test
    void aSlowReaderOfLargeEventsLosesTheOldestSooner() {
        int large = Subscription.MAX_BYTES / 2;
        try (Subscription slow = events.subscribe("a")) {
            for (int i = 0; i < 4; i++) {
                events.arrived(progress("a", i), large - 256);
            }

            assertThat(slow.step(Duration.ZERO).isGap()).isTrue();
            assertThat(steps(slow)).containsExactly(progress("a", 2), progress("a", 3));
            // what was read makes room
            events.arrived(progress("a", 4), large - 256);
            events.arrived(progress("a", 5), large - 256);
            assertThat(steps(slow)).containsExactly(progress("a", 4), progress("a", 5));
        }
    }

    @Test
    void whoComesBackGetsWhatCameMeanwhile() {
        String position;
        try (Subscription before = events.subscribe("a")) {
            events.arrived(progress("a", 1), BYTES);
            events.arrived(progress("a", 2), BYTES);
            position = before.step(Duration.ZERO).id();
        }
        events.arrived(progress("b", 7), BYTES);
        events.arrived(result("a"), BYTES);

        try (Subscription again = events.subscribe("a", Optional.of(position))) {
            assertThat(again.start()).isEqualTo(position);
            assertThat(steps(again)).containsExactly(progress("a", 2), result("a"));
            events.arrived(progress("a", 3), BYTES);
            assertThat(steps(again)).containsExactly(progress("a", 3));
        }
    }

    private static List<SpecificRecord> steps(Subscription subscription) {
        return Stream.generate(() -> subscription.step(Duration.ZERO))
                .peek(step -> assertThat(step.isGap()).isFalse())
                .takeWhile(step -> step.event().isPresent())
                .flatMap(step -> step.event().stream())
                .toList();
    }

    /// However rare the events of an id are: those of others must not push its position out of what is kept.
    @Test
    void aReaderWithoutEventsIsNotLeftBehind() {
        Events few = new Events(3 * 356);
        try (Subscription patient = few.subscribe("a")) {
            for (int i = 0; i < 9; i++) {
                few.arrived(progress("b", i), BYTES);
            }
            String position = patient.step(Duration.ZERO).id();

            assertThat(position).isNotEqualTo(patient.start());
            try (Subscription again = few.subscribe("a", Optional.of(position))) {
                assertThat(again.step(Duration.ZERO).isGap()).isFalse();
            }
            try (Subscription late = few.subscribe("a", Optional.of(patient.start()))) {
                assertThat(late.step(Duration.ZERO).isGap()).isTrue();
            }
        }
    }

    @Test
    void whatIsNotKeptIsAGap() {
        Events few = new Events(3 * 356);
        String position;
        try (Subscription before = few.subscribe("a")) {
            position = before.start();
        }
        for (int i = 1; i <= 3; i++) {
            few.arrived(progress("a", i), BYTES);
        }
        try (Subscription intime = few.subscribe("a", Optional.of(position))) {
            assertThat(steps(intime)).hasSize(3);
        }
        few.arrived(progress("a", 4), BYTES);

        try (Subscription late = few.subscribe("a", Optional.of(position))) {
            assertThat(late.step(Duration.ZERO).isGap()).isTrue();
            assertThat(steps(late)).containsExactly(progress("a", 2), progress("a", 3), progress("a", 4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000-1", "0", "end", "", "-1", "<script>"})
    void aPositionOfAnotherGatewayIsAGap(String position) {
        events.arrived(progress("a", 1), BYTES);

        try (Subscription other = events.subscribe("a", Optional.of(position))) {
            assertThat(other.step(Duration.ZERO).isGap()).isTrue();
            assertThat(other.step(Duration.ZERO).event()).isEmpty();
        }
    }

    @Test
    void aPositionThatIsYetToComeIsAGap() {
        String future;
        try (Subscription open = events.subscribe("a")) {
            future = open.start().replaceFirst("-0$", "-5");
        }
        try (Subscription other = events.subscribe("a", Optional.of(future))) {
            assertThat(other.step(Duration.ZERO).isGap()).isTrue();
        }
    }

    @Test
    void remembersTheFailureOfARequestThatLeftNothingElse() {
        RetrievalResult failed = RetrievalResult.newBuilder(result("a"))
                .setStatus(RetrievalStatus.FAILED)
                .setCode(Code.UNDECODABLE_REQUEST.name())
                .build();
        events.arrived(progress("a", 1), BYTES);
        assertThat(events.failure("a", 0)).isEmpty();
        events.arrived(failed, BYTES);
        assertThat(events.failure("a", 0)).contains(failed);
        assertThat(events.failure("b", 0)).isEmpty();
        // asked for again
        assertThat(events.failure("a", events.last())).isEmpty();
        // and at work
        events.arrived(progress("a", 2), BYTES);
        assertThat(events.failure("a", 0)).isEmpty();
        events.arrived(result("a"), BYTES);
        assertThat(events.failure("a", 0)).isEmpty();
        events.arrived(
                RetrievalResult.newBuilder(failed)
                        .setCode(Code.REQUEST_ID_REUSED.name())
                        .build(),
                BYTES);
        assertThat(events.failure("a", 0)).as("of another request").isEmpty();
    }
}
