package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Fault;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "The way of a registration": order, attempts, deadline and limits of waiting registrations.
final class RegistrationQueueTest {
    private RegistryFixture registry = new RegistryFixture(
            "firn.registration.validation-deadline", "10s",
            "firn.registration.retry-backoff", "1s",
            "firn.registration.max-pending-per-view", "3",
            "firn.registration.max-pending", "5");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void validatesOnlyTheHeadOfAViewAndAnswersInOrder() {
        registry.send(Views.request("r1").build());
        registry.send(Views.request("r2").setTtlMicros(1L).build());
        registry.send(Views.request("r3").setTtlMicros(2L).build());

        assertThat(registry.validations.waiting()).isEqualTo(1);
        registry.validateAll();
        assertThat(registry.results())
                .extracting(RegistrationResult::getRequestId)
                .containsExactly("r1", "r2", "r3");
    }

    @Test
    void validatesDifferentViewsSideBySide() {
        registry.send(Views.request("r1", "one").build());
        registry.send(Views.request("r2", "two").build());

        assertThat(registry.validations.waiting()).isEqualTo(2);
        registry.validations.runLast();
        registry.tick();
        assertThat(registry.result().getName()).isEqualTo("two");
    }

    @Test
    void retriesWithBackoffAndFailsAtTheDeadline() {
        AtomicInteger asked = new AtomicInteger();
        registry.verdicts.put("customer_features", request -> {
            asked.incrementAndGet();
            return new Verdict.RetryLater("Trino is away");
        });
        registry.send(Views.request("r1").build());
        List<RegistrationResult> results = new ArrayList<>();
        for (int second = 0; second < 12; second++) {
            registry.validateAll();
            registry.pass(Duration.ofSeconds(1));
            results.addAll(registry.results());
            assertThat(results.isEmpty())
                    .as("answered before second %d", second)
                    .isEqualTo(second < 10);
        }

        assertThat(asked).hasValueBetween(4, 6);
        assertThat(results).hasSize(1);
        assertThat(results.getFirst().getStatus()).isEqualTo(RegistrationStatus.FAILED);
        assertThat(RegistryFixture.codes(results.getFirst())).containsExactly(Code.VALIDATION_UNAVAILABLE.name());
        assertThat(results.getFirst().getViolations().getFirst().getFault()).isEqualTo(Fault.SERVICE);
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void retriesWhenTheValidationThrows() {
        AtomicInteger asked = new AtomicInteger();
        registry.verdicts.put("customer_features", request -> {
            if (asked.getAndIncrement() == 0) {
                throw new IllegalStateException("a defect");
            }
            return Views.accepted(request);
        });
        registry.send(Views.request("r1").build());
        registry.validateAll();
        registry.pass(Duration.ofSeconds(2));
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    @Test
    void ignoresAVerdictThatComesAfterTheAnswer() {
        registry.send(Views.request("r1").build());
        registry.pass(Duration.ofMinutes(3)); // the attempt is given up; its deadline passed too
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.FAILED);

        registry.validations.runAll(); // the verdict comes late
        registry.tick();
        assertThat(registry.results()).isEmpty();
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void ignoresTheVerdictOfAnOlderAttempt() {
        registry.close();
        registry = new RegistryFixture("firn.registration.validation-deadline", "1h");
        AtomicInteger asked = new AtomicInteger();
        registry.verdicts.put(
                "customer_features",
                request -> asked.getAndIncrement() == 0
                        ? new Verdict.Rejected(
                                List.of(Code.UNKNOWN_VIEW.violation("name", "from the attempt that was given up")))
                        : Views.accepted(request));
        registry.send(Views.request("r1").build());
        registry.pass(Duration.ofMinutes(3)); // the first attempt is given up
        registry.pass(Duration.ofMinutes(3)); // the second begins
        assertThat(registry.validations.waiting()).isEqualTo(2);

        registry.validations.runFirst();
        registry.tick();
        assertThat(registry.results()).isEmpty();
        registry.validations.runFirst();
        registry.tick();
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    @Test
    void startsLaterWhatThePoolRefused() {
        registry.validations.limitTo(1);
        registry.send(Views.request("r1", "one").build());
        registry.send(Views.request("r2", "two").build());
        registry.validations.runFirst();
        registry.tick();
        registry.tick();
        registry.validateAll();

        assertThat(registry.results()).hasSize(2);
    }

    @Test
    void answersOverloadedWhenTooManyAreWaiting() {
        for (String id : List.of("r1", "r2", "r3", "r4")) {
            registry.send(Views.request(id).build());
        }
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.OVERLOADED.name());
        registry.send(Views.request("s1", "one").build());
        registry.send(Views.request("s2", "two").build());
        registry.send(Views.request("s3", "three").build());
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.OVERLOADED.name());
    }

    /// Clients take the first answer with their id and digest. OVERLOADED, sent for a request that is already
    /// accepted, would be taken for its answer.
    @Test
    void answersAResentRequestOnceAndAsBeforeWhileTooManyAreWaiting() {
        registry.send(Views.request("r0").build());
        registry.validateAll();
        RegistrationResult first = registry.result();
        for (String id : List.of("r1", "r2", "r3")) {
            registry.send(Views.request(id).build());
        }

        registry.send(Views.request("r3").build());
        assertThat(registry.results()).isEmpty();
        registry.send(Views.request("r0").build());
        assertThat(registry.result()).isEqualTo(first);

        registry.send(Views.request("r3").setTtlMicros(7L).build());
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.OVERLOADED.name());
        registry.validateAll();
        assertThat(registry.results())
                .extracting(RegistrationResult::getRequestId)
                .containsExactly("r1", "r2", "r3");
    }
}
