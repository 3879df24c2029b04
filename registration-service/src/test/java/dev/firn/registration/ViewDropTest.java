package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Code;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Dropped views, their tombstones, and what is remembered about them.
final class ViewDropTest {
    private final RegistryFixture registry = new RegistryFixture();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void dropsWithoutValidationAndContinuesTheVersions() {
        registry.register("r1");
        registry.views();
        registry.send(Views.drop("r2"));

        RegistrationResult dropped = registry.result();
        assertThat(dropped.getStatus()).isEqualTo(RegistrationStatus.DROPPED);
        assertThat(dropped.getVersion()).isEqualTo(2);
        FeatureView record = registry.views().getFirst();
        assertThat(record.getStatus()).isEqualTo(ViewStatus.DROPPED);

        registry.send(Views.request("r3").build());
        registry.validateAll();
        RegistrationResult again = registry.result();
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(again.getVersion()).isEqualTo(3);
    }

    @Test
    void rejectsTheDropOfAnUnknownView() {
        registry.send(Views.drop("r1"));

        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.UNKNOWN_VIEW.name());
    }

    @Test
    void writesTheTombstoneThirtyDaysAfterTheDrop() {
        registry.register("r1");
        registry.send(Views.drop("r2"));
        registry.viewRecords();
        registry.pass(Duration.ofDays(29));
        assertThat(registry.viewRecords()).isEmpty();

        registry.pass(Duration.ofDays(2));
        var tombstone = registry.viewRecords().getFirst();
        assertThat(tombstone.key()).isEqualTo("customer_features");
        assertThat(tombstone.value()).isNull();
    }

    @Test
    void forgetsAnswersAboutNamesWithoutAViewAfterThirtyDays() {
        registry.send(Views.drop("r1"));
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.UNKNOWN_VIEW.name());
        registry.pass(Duration.ofDays(29));
        registry.send(Views.request("r1").build());
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.REQUEST_ID_REUSED.name());

        registry.pass(Duration.ofDays(2));
        registry.send(Views.request("r1").build());
        registry.validateAll();
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }
}
