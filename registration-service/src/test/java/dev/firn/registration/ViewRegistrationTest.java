package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.registration.validation.Findings;
import dev.firn.registration.validation.RequestRules;
import dev.firn.registration.validation.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// DESIGN, "Registration", rule by rule, over the whole topology without a broker.
final class ViewRegistrationTest {
    private RegistryFixture registry = new RegistryFixture(
            "firn.registration.validation-deadline", "10s",
            "firn.registration.retry-backoff", "1s",
            "firn.registration.max-pending-per-view", "3",
            "firn.registration.max-pending", "5",
            "firn.registration.answered-ids-per-view", "3");

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void answersARegistrationAsTheMissionShows() {
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
    void answersUnderTheViewsNameWithTheRequestIdInAHeaderAndTheRequestsHeaders() {
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
        register("r1");
        registry.views();
        registry.send(Views.request("r2").build());
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void movesTheRecordWhenTheSameDefinitionIsFoundAtAnotherSnapshot() {
        register("r1");
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
        register("r1");
        registry.send(Views.request("r2").setTtlMicros(5L).build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(result.getVersion()).isEqualTo(2);
    }

    @Test
    void decidesTheExpectedVersionWhenTheVerdictIsAppliedNotWhenItIsAsked() {
        registry.send(Views.request("r1").build());
        registry.send(
                Views.request("r2").setTtlMicros(5L).setExpectedVersion(0L).build());
        registry.send(
                Views.request("r3").setTtlMicros(5L).setExpectedVersion(1L).build());
        registry.validateAll();

        assertThat(registry.results())
                .extracting(RegistrationResult::getStatus)
                .containsExactly(
                        RegistrationStatus.REGISTERED, RegistrationStatus.REJECTED, RegistrationStatus.UPDATED);
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
    void rejectsAKeyThatIsNotTheViewsName() {
        registry.send(Views.request("r1").build(), "another", new RecordHeaders());

        assertThat(codes(registry.result())).containsExactly("KEY_MISMATCH");
        assertThat(registry.validations.waiting()).isZero();
    }

    @Test
    void answersARetriedIdWithTheAnswerItHadWithoutAskingAgain() {
        register("r1");
        RegistrationResult again;
        registry.send(Views.request("r1").build());
        again = registry.result();

        assertThat(registry.validations.waiting()).isZero();
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    @Test
    void rejectsAnIdThatComesAgainWithAnotherBody() {
        register("r1");
        registry.send(Views.request("r1").setTtlMicros(9L).build());

        assertThat(codes(registry.result())).containsExactly("REQUEST_ID_REUSED");
    }

    @Test
    void keepsABoundedNumberOfAnsweredIds() {
        for (String id : List.of("r1", "r2", "r3", "r4")) {
            register(id);
        }
        registry.send(Views.request("r1").build());
        registry.validateAll();

        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
    }

    @Test
    void answersARejectionWithAllItsViolations() {
        registry.verdicts.put(
                "customer_features",
                request -> new Verdict.Rejected(
                        List.of(Findings.of("A", "name", "a"), Findings.of("B", "entities", "b"))));
        registry.send(Views.request("r1").build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(codes(result)).containsExactly("A", "B");
        assertThat(registry.views()).isEmpty();
    }

    /// The watch over tables takes `catalog.schema.table` apart at its dots.
    @Test
    void aTableNameWithADotIsAViolation() {
        RegistrationRequest request = Views.request("r1")
                .setSource(TableSource.newBuilder(Views.request("r1").getSource())
                        .setTableName("a.b")
                        .build())
                .build();

        assertThat(RequestRules.violations(request))
                .extracting(Violation::getField, Violation::getCode)
                .containsExactly(tuple("source.table_name", "INVALID_NAME"));
    }

    @Test
    void answersAHostileNameAtOnceAndKeepsNothingOfIt() {
        registry.send(Views.request("r1", "x/../\u0000\"; DROP TABLE t").build());

        assertThat(codes(registry.result())).contains("INVALID_NAME");
        assertThat(registry.validations.waiting()).isZero();
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
    void triesAgainWithBackoffUntilTheDeadlineFromAcceptanceThenFails() {
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
        assertThat(codes(results.getFirst())).containsExactly("VALIDATION_UNAVAILABLE");
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void triesAgainWhenTheValidationItselfFails() {
        AtomicInteger asked = new AtomicInteger();
        registry.verdicts.put("customer_features", request -> {
            if (asked.getAndIncrement() == 0) {
                throw new IllegalStateException("a fault of ours");
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
    void countsOnlyTheVerdictOfTheAttemptInFlight() {
        registry.send(Views.request("r1").build());
        registry.pass(Duration.ofMinutes(3)); // the attempt is given up; its deadline passed too
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.FAILED);

        registry.validations.runAll(); // the verdict comes all the same
        registry.tick();
        assertThat(registry.results()).isEmpty();
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void countsNoVerdictOfAnOlderAttemptWhileAnotherIsInFlight() {
        registry.close();
        registry = new RegistryFixture("firn.registration.validation-deadline", "1h");
        AtomicInteger asked = new AtomicInteger();
        registry.verdicts.put(
                "customer_features",
                request -> asked.getAndIncrement() == 0
                        ? new Verdict.Rejected(List.of(Findings.of("OLD", "name", "of the attempt given up")))
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
    void startsAgainWhatThePoolRefused() {
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
    void answersOverloadedWhenTooManyWait() {
        for (String id : List.of("r1", "r2", "r3", "r4")) {
            registry.send(Views.request(id).build());
        }
        assertThat(codes(registry.result())).containsExactly("OVERLOADED");
        registry.send(Views.request("s1", "one").build());
        registry.send(Views.request("s2", "two").build());
        registry.send(Views.request("s3", "three").build());
        assertThat(codes(registry.result())).containsExactly("OVERLOADED");
    }

    /// The first to come under an id and digest is the answer: OVERLOADED for a request that is then accepted would be
    /// taken for it.
    @Test
    void aRequestThatComesAgainWhileTooManyWaitIsAnsweredOnceAndAsBefore() {
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
        assertThat(codes(registry.result())).containsExactly("OVERLOADED");
        registry.validateAll();
        assertThat(registry.results())
                .extracting(RegistrationResult::getRequestId)
                .containsExactly("r1", "r2", "r3");
    }

    @Test
    void dropsWithoutAskingAndGoesOnCountingVersions() {
        register("r1");
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
    void rejectsToDropWhatIsNotThere() {
        registry.send(Views.drop("r1"));

        assertThat(codes(registry.result())).containsExactly("UNKNOWN_VIEW");
    }

    @Test
    void writesTheTombstoneThirtyDaysAfterTheDrop() {
        register("r1");
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
    void forgetsAsLongAfterWhatItAnsweredAboutANameThatNoViewHas() {
        registry.send(Views.drop("r1"));
        assertThat(codes(registry.result())).containsExactly("UNKNOWN_VIEW");
        registry.pass(Duration.ofDays(29));
        registry.send(Views.request("r1").build());
        assertThat(codes(registry.result())).containsExactly("REQUEST_ID_REUSED");

        registry.pass(Duration.ofDays(2));
        registry.send(Views.request("r1").build());
        registry.validateAll();
        assertThat(registry.result().getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
    }

    private void register(String id) {
        registry.send(Views.request(id).build());
        registry.validateAll();
        registry.results();
    }

    private static List<String> codes(RegistrationResult result) {
        return result.getViolations().stream().map(Violation::getCode).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String header(org.apache.kafka.common.header.Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
