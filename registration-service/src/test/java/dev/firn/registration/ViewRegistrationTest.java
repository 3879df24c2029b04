package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.ViewStatus;
import dev.firn.registration.validation.Verdict;
import dev.firn.schemas.Code;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "The way of a registration": answers, versions and ids, over the whole topology
/// without a broker.
final class ViewRegistrationTest {
    private final RegistryFixture registry = new RegistryFixture("firn.registration.answered-ids-per-view", "3");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void answersARegistrationWithItsViewAndMessage() {
        registry.send(Views.request("r1").build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(result.getMessage())
                .isEqualTo("Feature view 'customer_features' successfully registered from Iceberg gold layer with 2"
                        + " features (offline store only)");
        assertThat(result.getSourceTable()).isEqualTo("iceberg.gold.customer_aggregates");
        assertThat(result.getVersion()).isEqualTo(1);
        FeatureView view = registry.views().getFirst();
        assertThat(view).isEqualTo(result.getFeatureView());
        assertThat(view.getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void keysTheAnswerByViewAndPassesHeadersOn() {
        var headers = new RecordHeaders();
        headers.add("correlation-id", bytes("c-1"));
        headers.add("traceparent", bytes("00-aa-bb-01"));
        headers.add("firn-tenant", bytes("t"));
        headers.add("other", bytes("o"));
        registry.send(Views.request("r1").build(), null, headers);
        registry.validateAll();

        var answer = registry.records("registration-results", RegistrationResult.class)
                .getFirst();
        assertThat(answer.key()).isEqualTo("customer_features");
        assertThat(header(answer.headers(), "firn-request-id")).isEqualTo("r1");
        assertThat(header(answer.headers(), "correlation-id")).isEqualTo("c-1");
        assertThat(header(answer.headers(), "traceparent")).isEqualTo("00-aa-bb-01");
        assertThat(header(answer.headers(), "firn-tenant")).isEqualTo("t");
        assertThat(answer.headers().lastHeader("other")).isNull();
    }

    @Test
    void answersTheSameDefinitionUnchangedWithoutANewVersion() {
        registry.register("r1");
        registry.views();
        registry.send(Views.request("r2").build());
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void updatesTheRecordOfTheSameDefinitionToAnotherSnapshot() {
        registry.register("r1");
        registry.views();
        registry.verdicts.put("customer_features", request -> Views.accepted(request, 101));
        registry.send(Views.request("r2").build());
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
        FeatureView view = registry.views().getFirst();
        assertThat(view.getSource().getSnapshotId()).isEqualTo(101);
        assertThat(view.getVersion()).isEqualTo(1);
    }

    @Test
    void givesAChangedDefinitionTheNextVersion() {
        registry.register("r1");
        registry.send(Views.request("r2").setTtlMicros(5L).build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(result.getVersion()).isEqualTo(2);
    }

    @Test
    void comparesTheExpectedVersionWhenTheVerdictIsApplied() {
        registry.send(Views.request("r1").build());
        registry.send(
                Views.request("r2").setTtlMicros(5L).setExpectedVersion(0L).build());
        registry.send(
                Views.request("r3").setTtlMicros(5L).setExpectedVersion(1L).build());
        registry.validateAll();

        List<RegistrationResult> results = registry.results();
        assertThat(results)
                .extracting(RegistrationResult::getStatus)
                .containsExactly(
                        RegistrationStatus.REGISTERED, RegistrationStatus.REJECTED, RegistrationStatus.UPDATED);
        assertThat(RegistryFixture.codes(results.get(1))).containsExactly(Code.VERSION_CONFLICT.name());
    }

    @Test
    void rejectsADropAtAnotherVersionThanExpected() {
        registry.register("r1");
        registry.send(RegistrationRequest.newBuilder(Views.drop("r2"))
                .setExpectedVersion(7L)
                .build());

        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.VERSION_CONFLICT.name());
    }

    @Test
    void rejectsAnActionThatItDoesNotKnow() {
        registry.send(Views.request("r1").setAction(RegistrationAction.UNKNOWN).build());

        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.UNKNOWN_ACTION.name());
        assertThat(registry.validations.waiting()).isZero();
    }

    @Test
    void storesNothingOnADryRun() {
        registry.send(Views.request("r1").setDryRun(true).build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.VALID);
        assertThat(result.getFeatureView()).isNotNull();
        assertThat(result.getVersion()).isNull();
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void rejectsARecordKeyThatDiffersFromTheViewsName() {
        registry.send(Views.request("r1").build(), "another", new RecordHeaders());

        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.KEY_MISMATCH.name());
        assertThat(registry.validations.waiting()).isZero();
    }

    @Test
    void answersAResentRequestWithItsAnswerWithoutAnotherValidation() {
        registry.register("r1");
        registry.send(Views.request("r1").build());

        assertThat(registry.validations.waiting()).isZero();
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    @Test
    void rejectsAReusedIdWithAnotherBody() {
        registry.register("r1");
        registry.send(Views.request("r1").setTtlMicros(9L).build());

        assertThat(RegistryFixture.codes(registry.result())).containsExactly(Code.REQUEST_ID_REUSED.name());
    }

    @Test
    void keepsABoundedNumberOfAnsweredIds() {
        for (String id : List.of("r1", "r2", "r3", "r4")) {
            registry.register(id);
        }
        registry.send(Views.request("r1").build());
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
    }

    @Test
    void answersARejectionWithAllItsViolations() {
        registry.verdicts.put(
                "customer_features",
                request -> new Verdict.Rejected(List.of(
                        Code.INVALID_NAME.violation("name", "a"), Code.NO_FEATURES.violation("features", "b"))));
        registry.send(Views.request("r1").build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(RegistryFixture.codes(result)).containsExactly(Code.INVALID_NAME.name(), Code.NO_FEATURES.name());
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void rejectsAHostileNameAtOnce() {
        registry.send(Views.request("r1", "x/../\u0000\"; DROP TABLE t").build());

        assertThat(RegistryFixture.codes(registry.result())).contains(Code.INVALID_NAME.name());
        assertThat(registry.validations.waiting()).isZero();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String header(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
