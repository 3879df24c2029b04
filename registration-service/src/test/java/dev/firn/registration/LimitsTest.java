package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.schemas.Code;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How much a registry holds, and how it counts.
final class LimitsTest {
    private final RegistryFixture registry = new RegistryFixture(
            "firn.registration.max-views", "2",
            "firn.registration.max-standing-retrievals", "1",
            "firn.registration.max-pending-bytes", "1048576");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void rejectsOneViewTooManyUntilAnotherIsDropped() {
        registry.register("r1"); // customer_features
        register("r2", "two");
        registry.results();

        register("r3", "three");
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.TOO_MANY_VIEWS.name());
        registry.send(Views.request("r4", "two").setTtlMicros(5L).build()); // changes are no more views
        registry.validateAll();
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UPDATED);

        registry.send(Views.drop("r5"));
        registry.results();
        register("r6", "three");
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(gauge("firn.registration.views", "ACTIVE")).isEqualTo(2);
        assertThat(gauge("firn.registration.views", "DROPPED")).isEqualTo(1);
    }

    @Test
    void refusesOneStandingRetrievalTooManyUntilAnotherIsCancelled() {
        registry.register("r1");
        registry.send(Standings.create("c1"));
        registry.retrievalResults();

        registry.send(other("c2"));
        RetrievalResult refused = registry.retrievalResults().getFirst();
        assertThat(refused.getCode()).isEqualTo(Code.TOO_MANY_STANDING_RETRIEVALS.name());
        registry.send(Standings.create("c3")); // unchanged
        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CREATED);

        registry.send(Standings.cancel("c4"));
        registry.retrievalResults();
        registry.send(other("c5"));
        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CREATED);
        assertThat(gauge("firn.registration.standing", "ACTIVE")).isEqualTo(1);
        assertThat(gauge("firn.registration.standing", "CANCELLED")).isEqualTo(1);
    }

    /// A hundred requests of half a megabyte are not a hundred of a kilobyte.
    @Test
    void answersOverloadedWhenTheWaitingRequestsAreTooLarge() {
        for (int i = 0; i < 3; i++) {
            registry.send(Views.request("r" + i, "view" + i)
                    .setDescription("x".repeat(600 * 1024))
                    .build());
        }
        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.OVERLOADED.name());
        registry.tick();
        assertThat(registry.meters.get("firn.registration.pending").gauge().value())
                .isEqualTo(2);

        registry.validateAll();
        registry.results();
        register("r9", "view9");
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    @Test
    void countsWhatHappens() {
        registry.register("r1");
        registry.hint();
        registry.tick();
        assertThat(registry.meters.get("firn.registration.looks").gauge().value())
                .isEqualTo(1);
        registry.lookAll();
        assertThat(registry.meters.get("firn.registration.looks").gauge().value())
                .isZero();

        registry.send("table-hints", null, new byte[] {'x'}, new RecordHeaders());
        assertThat(registry.meters
                        .get("firn.registration.dead.letters")
                        .counter()
                        .count())
                .isEqualTo(1);
        registry.rewind("registration-requests");
        registry.send(Views.request("r1").build());
        assertThat(registry.meters
                        .get("firn.registration.replays")
                        .tag("topic", "firn.registration-requests")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    private void register(String id, String view) {
        registry.send(Views.request(id, view).build());
        registry.validateAll();
    }

    private static StandingRequest other(String id) {
        return StandingRequest.newBuilder(Standings.create(id))
                .setStandingId("other")
                .build();
    }

    private double gauge(String name, String status) {
        return registry.meters.get(name).tag("status", status).gauge().value();
    }
}
