package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.registration.state.NodeNames;
import dev.firn.schemas.Code;
import dev.firn.service.event.EventSize;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Dropped views and cancelled standing retrievals, and what is remembered about them.
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

    /// "Dropped" and "unknown" stay apart for ever, and versions go on.
    @Test
    void cutsTheRecordThirtyDaysAfterTheDropAndGoesOnFromItsVersion() {
        registry.register("r1");
        registry.send(Views.drop("r2"));
        FeatureView whole = registry.views().getLast();
        registry.pass(Duration.ofDays(29));
        assertThat(registry.viewRecords()).isEmpty();

        registry.pass(Duration.ofDays(2));
        FeatureView cut = registry.views().getFirst();
        assertThat(cut.getName()).isEqualTo("customer_features");
        assertThat(cut.getVersion()).isEqualTo(2);
        assertThat(cut.getStatus()).isEqualTo(ViewStatus.DROPPED);
        assertThat(cut.getUpdatedAt()).isEqualTo(whole.getUpdatedAt()); // when it was dropped
        assertThat(cut.getFeatures()).isEmpty();
        assertThat(EventSize.of(cut)).isLessThan(150);
        registry.pass(Duration.ofDays(60));
        assertThat(registry.viewRecords()).isEmpty(); // once

        registry.results();
        registry.written("table-commands");
        registry.send(Views.request("r3").build());
        registry.validateAll();
        RegistrationResult again = registry.result();
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(again.getVersion()).isEqualTo(3);
        assertThat(registry.written("table-commands")).hasSize(1); // the new table is watched
    }

    @Test
    void suspendsAStandingRetrievalOfAViewThatWasDroppedLongAgo() {
        registry.register("r1");
        registry.send(Views.drop("r2"));
        registry.pass(Duration.ofDays(31));

        registry.send(Standings.create("c1"));

        StandingRetrieval record = registry.standing().getLast();
        assertThat(record.getStatus()).isEqualTo(StandingStatus.SUSPENDED);
        assertThat(record.getReasons()).extracting(Violation::getCode).containsExactly(Code.VIEW_DROPPED.name());
    }

    /// Otherwise the runs of the second one would have the ids of the first one's, whose outcomes still stand.
    @Test
    void goesOnFromTheVersionAndRunsOfACancelledStandingRetrieval() {
        registry.register("r1");
        registry.send(Standings.create("c1"));
        registry.send(Standings.cancel("c2"));
        StandingRetrieval whole = registry.standing().getLast();
        registry.pass(Duration.ofDays(31));
        StandingRetrieval cut = registry.standing().getFirst();
        assertThat(cut.getStatus()).isEqualTo(StandingStatus.CANCELLED);
        assertThat(cut.getUpdatedAt()).isEqualTo(whole.getUpdatedAt());
        assertThat(cut.getRetrieval().getFeatures()).isEmpty();
        assertThat(EventSize.of(cut)).isLessThan(150);
        registry.pass(Duration.ofDays(60));
        assertThat(registry.standing()).isEmpty();

        registry.send(Standings.create("c1"));
        StandingRetrieval again = registry.standing().getLast();
        assertThat(again.getVersion()).isEqualTo(2);
        assertThat(again.getOutstandingRunId()).startsWith("daily.r2.");
    }

    /// Names that were only ever rejected leave nothing behind.
    @Test
    void forgetsNamesWithoutAView() {
        registry.send(Views.drop("r1"));
        registry.pass(Duration.ofDays(31));

        assertThat(registry.stored(NodeNames.VIEWS_STORE)).isZero();
    }

    @Test
    void keepsNamesThatAStandingRetrievalReads() {
        registry.send(Standings.create("c1"));
        registry.send(Views.drop("r1"));
        registry.pass(Duration.ofDays(31));
        registry.standing();
        registry.register("r2");

        assertThat(registry.standing().getLast().getDirty()).isTrue();
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
