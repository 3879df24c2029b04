package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.Code;
import io.micrometer.core.instrument.search.RequiredSearch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// docs/operations.md, "Metrics": what the registration service counts.
final class MetersTest {
    private final RegistryFixture registry = new RegistryFixture("firn.refresh.poll-interval", "10s");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void countsAnswersByStatusAndCode() {
        registry.register("r1");
        registry.send(Views.drop("r2"));
        registry.verdicts.put(
                "customer_features",
                request -> new Verdict.Rejected(List.of(Code.TABLE_NOT_FOUND.violation("source", "is gone"))));
        registry.send(Views.request("r3").build());
        registry.validateAll();

        assertThat(answers("REGISTERED", "none")).isEqualTo(1);
        assertThat(answers("DROPPED", "none")).isEqualTo(1);
        assertThat(answers("REJECTED", "TABLE_NOT_FOUND")).isEqualTo(1);
    }

    @Test
    void measuresValidationsByVerdict() {
        registry.register("r1");

        var timer =
                meter("firn.registration.validation").tag("verdict", "ACCEPTED").timer();
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.takeSnapshot().histogramCounts()).isNotEmpty();
    }

    @Test
    void showsHowLongAgoTheTableWasSeenThatHasWaitedLongest() {
        registry.catalog.show(new KnownState(Views.UUID, 100L, 0, 100L), CommitKind.UNKNOWN, Views.SCHEMA);
        registry.register("r1");
        registry.pass(Duration.ofSeconds(5));
        assertThat(meter("firn.registration.tables").gauge().value()).isEqualTo(1);
        assertThat(lookAge()).isEqualTo(5);

        registry.pass(Duration.ofSeconds(8));
        assertThat(lookAge()).isEqualTo(13);
        registry.lookAll();
        registry.pass(Duration.ofSeconds(1));
        assertThat(lookAge()).isLessThan(3);
    }

    private double answers(String status, String code) {
        return meter("firn.registration.answers")
                .tag("status", status)
                .tag("code", code)
                .counter()
                .count();
    }

    private double lookAge() {
        return meter("firn.registration.look.age.seconds").gauge().value();
    }

    private RequiredSearch meter(String name) {
        return registry.meters.get(name);
    }
}
