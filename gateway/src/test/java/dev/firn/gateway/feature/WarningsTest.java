package dev.firn.gateway.feature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import java.time.Instant;
import java.util.Collections;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class WarningsTest {
    private final Warnings warnings = new Warnings();

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    private void registered(String view, long version, int count) {
        Violation warning = Code.MORE_WARNINGS.violation("features", "says the test");
        warnings.arrived(RegistrationResult.newBuilder()
                .setRequestId("r")
                .setRequestDigest("d")
                .setName(view)
                .setStatus(RegistrationStatus.REGISTERED)
                .setMessage("")
                .setSourceTable("")
                .setVersion(version)
                .setWarnings(Collections.nCopies(count, warning))
                .setAnsweredAt(Instant.EPOCH)
                .build());
    }

    @Test
    void keepsThoseOfTheLastVersion() {
        registered("a", 1, 2);
        registered("a", 2, 1);

        assertThat(warnings.of("a", 1)).isEmpty();
        assertThat(warnings.of("a", 2))
                .hasValueSatisfying(kept -> assertThat(kept).hasSize(1));
        assertThat(warnings.of("b", 1)).isEmpty();
    }

    /// However many one view has.
    @Test
    void forgetsTheEldestOnceThereAreTooMany() {
        registered("a", 1, 10);
        for (int i = 0; i < 10; i++) {
            registered("large", i, Warnings.KEPT / 2);
        }
        assertThat(warnings.of("a", 1)).isPresent();

        registered("another", 1, Warnings.KEPT / 2);

        assertThat(warnings.of("a", 1)).isEmpty();
        assertThat(warnings.of("large", 9)).isEmpty();
        assertThat(warnings.of("another", 1)).isPresent();
    }
}
