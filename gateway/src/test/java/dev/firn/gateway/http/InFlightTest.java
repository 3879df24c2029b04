package dev.firn.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import org.junit.jupiter.api.Test;

final class InFlightTest {
    @Test
    void refusesWhatIsBeyondTheLimitOfAPrincipal() {
        InFlight inFlight = new InFlight(1);

        try (InFlight.Slot _ = inFlight.enter("alice");
                InFlight.Slot _ = inFlight.enter("bob")) {
            assertThatThrownBy(() -> inFlight.enter("alice"))
                    .isInstanceOfSatisfying(
                            Refusal.class, e -> assertThat(e.problem().code()).isEqualTo(Code.TOO_MANY_REQUESTS));
            assertThat(inFlight.all()).isEqualTo(2);
        }

        assertThat(inFlight.all()).isZero();
        inFlight.enter("alice").close();
    }
}
