package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.events.Violation;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.validation.Resolution;
import dev.firn.registration.validation.Verdict;
import dev.firn.registration.view.Definition;
import dev.firn.schemas.Code;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.Limits;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.event.EventSize;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// No request makes the service write a record that is larger than an event: the broker would refuse it every time.
final class SizeTest {
    private final RegistryFixture registry = new RegistryFixture();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void acceptsTheLargestViewAndRefusesOneByteMore() {
        RegistrationRequest largest = described("r1", "largest", Limits.VIEW_BYTES);
        registry.send(largest);
        registry.validateAll();
        RegistrationResult accepted = registry.result();
        assertThat(accepted.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(EventSize.of(accepted.getFeatureView())).isEqualTo(Limits.VIEW_BYTES);

        registry.send(RegistrationRequest.newBuilder(largest)
                .setRequestId("r2")
                .setDescription(largest.getDescription() + "x")
                .build());
        registry.validateAll();
        Violation violation = registry.result().getViolations().getFirst();
        assertThat(violation.getCode()).isEqualTo(Code.VIEW_TOO_LARGE.name());
        assertThat(violation.getMessage())
                .contains(Integer.toString(Limits.VIEW_BYTES + 1))
                .contains(Integer.toString(Limits.VIEW_BYTES));
        assertThat(registry.views()).hasSize(1);
    }

    @Test
    void omitsTheViewFromAnAnswerThatWouldBeTooLarge() {
        List<Violation> warnings = Collections.nCopies(150, Code.NO_HISTORY.violation("", "w".repeat(3_000)));
        registry.verdicts.put(
                "largest",
                request -> new Verdict.Accepted(Views.accepted(request, 1).resolution(), warnings));
        registry.send(described("r1", "largest", Limits.VIEW_BYTES));
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(result.getFeatureView()).isNull();
        assertThat(result.getWarnings()).hasSize(150);
        assertThat(EventSize.fits(result)).isTrue();
        assertThat(registry.views()).hasSize(1);
    }

    @Test
    void shortensViolationsThatAreTooLarge() {
        registry.verdicts.put(
                "largest",
                request -> new Verdict.Rejected(
                        Collections.nCopies(200, Code.INVALID_NAME.violation("f", "v".repeat(8_000)))));
        registry.send(Views.request("r1", "largest").build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REJECTED);
        assertThat(result.getViolations()).isNotEmpty();
        assertThat(EventSize.fits(result)).isTrue();
    }

    @Test
    void countsTheViolationsThatItDoesNotList() {
        registry.verdicts.put(
                "largest",
                request -> new Verdict.Rejected(Collections.nCopies(203, Code.INVALID_NAME.violation("f", "v"))));
        registry.send(Views.request("r1", "largest").build());
        registry.validateAll();

        List<Violation> violations = registry.result().getViolations();
        assertThat(violations).hasSize(201);
        assertThat(violations.getLast().getCode()).isEqualTo(Code.MORE_VIOLATIONS.name());
        assertThat(violations.getLast().getMessage()).startsWith("3 ");
    }

    @Test
    void countsTheWarningsThatItDoesNotList() {
        List<Violation> warnings = Collections.nCopies(202, Code.NO_HISTORY.violation("", "w"));
        registry.verdicts.put(
                "largest",
                request -> new Verdict.Accepted(Views.accepted(request, 1).resolution(), warnings));
        registry.send(Views.request("r1", "largest").build());
        registry.validateAll();

        List<Violation> listed = registry.result().getWarnings();
        assertThat(listed).hasSize(201);
        assertThat(listed.getLast().getCode()).isEqualTo(Code.MORE_WARNINGS.name());
        assertThat(listed.getLast().getMessage()).startsWith("2 ");
    }

    @Test
    void countsTheReasonsThatItDoesNotList() {
        List<ResolvedColumn> features = IntStream.range(0, 250)
                .mapToObj(i -> Views.column("feature" + i, 100 + i, "long", "int64"))
                .toList();
        registry.verdicts.put("customer_features", request -> {
            Resolution resolution = Views.accepted(request, 100).resolution();
            return new Verdict.Accepted(
                    new Resolution(resolution.entities(), features, resolution.source()), List.of());
        });
        registry.send(Views.request("r1").build());
        registry.validateAll();
        registry.views();
        show(101, Views.SCHEMA);
        registry.hintAndLook();

        List<Violation> reasons = registry.views().getFirst().getReasons();
        assertThat(reasons).hasSize(201);
        assertThat(reasons.getFirst().getCode()).isEqualTo(Code.COLUMN_DROPPED.name());
        assertThat(reasons.getLast().getCode()).isEqualTo(Code.MORE_REASONS.name());
        assertThat(reasons.getLast().getMessage()).startsWith("50 ");
    }

    @Test
    void answersHugeNamesAndIdsWithinAnEvent() {
        String huge = "ä".repeat(200_000);
        registry.send(Views.request("r1", huge).build(), huge, new RecordHeaders());
        registry.send(Views.request(huge).build(), null, new RecordHeaders());
        registry.send(
                StandingRequest.newBuilder(standing("c1")).setStandingId(huge).build());

        var answers = registry.records("registration-results", RegistrationResult.class);
        assertThat(answers).hasSize(2).allSatisfy(answer -> {
            assertThat(answer.value().getStatus()).isEqualTo(RegistrationStatus.REJECTED);
            assertThat(EventSize.fits(answer.value())).isTrue();
            assertThat(answer.key().length()).isLessThanOrEqualTo(Limits.ID_LENGTH + 1);
            answer.headers()
                    .forEach(
                            header -> assertThat(header.value().length).isLessThanOrEqualTo(Limits.HEADER_VALUE_BYTES));
        });
        var refused = registry.records("retrieval-results", RetrievalResult.class);
        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst().value().getCode()).isEqualTo(Code.INVALID_STANDING_ID.name());
        assertThat(refused.getFirst().key().length()).isLessThanOrEqualTo(Limits.ID_LENGTH + 1);
    }

    @Test
    void cutsADeadLetterThatIsTooLargeToWrite() {
        registry.schemaRegistryAway = true;
        registry.send("registration-requests", "k", new byte[3 * 1024 * 1024], new RecordHeaders());

        var letter = registry.deadLetters().getFirst();
        assertThat(letter.value()).hasSize(Limits.EVENT_BYTES);
        DeadLetter why = DeadLetter.readFrom(letter.headers()).orElseThrow();
        assertThat(why.code()).isEqualTo(Code.TOO_LARGE.name());
        assertThat(why.reason()).contains(Integer.toString(3 * 1024 * 1024 + 1));
    }

    @Test
    void breaksAViewWhoseColumnsBecomeTooLarge() {
        registry.verdicts.put("customer_features", request -> {
            Resolution resolution = Views.accepted(request, 100).resolution();
            ResolvedColumn struct = Views.column("total_orders", 2, "struct", "struct<a_nested_field_0: int64>");
            return new Verdict.Accepted(
                    new Resolution(resolution.entities(), List.of(struct), resolution.source()), List.of());
        });
        registry.send(described("r1", "customer_features", Limits.VIEW_BYTES - 1_000));
        registry.validateAll();
        registry.views();
        Types.NestedField[] nested = IntStream.range(0, 20_000)
                .mapToObj(i -> Types.NestedField.optional(100 + i, "a_nested_field_" + i, Types.LongType.get()))
                .toArray(Types.NestedField[]::new);
        show(101, Views.schema(Types.StructType.of(nested)));
        registry.hintAndLook();
        FeatureView broken = registry.views().getFirst();
        assertThat(EventSize.fits(broken)).isTrue();
        assertThat(broken.getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(broken.getReasons()).extracting(Violation::getCode).containsExactly(Code.VIEW_TOO_LARGE.name());
        assertThat(broken.getSource().getSnapshotId()).isEqualTo(101);

        show(102, Views.schema(Types.StructType.of(nested[0])));
        registry.hintAndLook();
        assertThat(registry.views().getFirst().getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void rejectsADefinitionThatIsTooLargeForRuns() {
        registry.send(standing("c1", "x".repeat(Limits.STANDING_BYTES)));
        RetrievalResult refused = registry.retrievalResults().getFirst();
        assertThat(refused.getCode()).isEqualTo(Code.STANDING_TOO_LARGE.name());
        assertThat(refused.getMessage()).contains(Integer.toString(Limits.STANDING_BYTES));

        registry.send(StandingRequest.newBuilder(standing("c2"))
                .setRetrieval(RetrievalRequest.newBuilder(standing("c2").getRetrieval())
                        .setFeatures(IntStream.rangeClosed(0, Limits.STANDING_VIEWS)
                                .mapToObj(i -> "view_%d:x".formatted(i))
                                .toList())
                        .build())
                .build());
        assertThat(registry.retrievalResults().getFirst().getCode()).isEqualTo(Code.STANDING_TOO_LARGE.name());
        assertThat(registry.standing()).isEmpty();
    }

    @Test
    void omitsPreviousPinsThatDoNotFitNextToTheNewOnes() {
        register("v1", "one", Limits.VIEW_BYTES);
        registry.send(standing("c1", "", "one:total_orders"));
        RetrievalRequest first = registry.runs().getFirst();
        registry.send(answered(first));
        register("v2", "one", Limits.VIEW_BYTES - 1);

        RetrievalRequest second = registry.runs().getFirst();
        assertThat(second.getPins()).isNotNull();
        assertThat(second.getPreviousPins()).isNull();
        assertThat(EventSize.fits(second)).isTrue();
        assertThat(registry.standing()).allMatch(EventSize::fits);
    }

    @Test
    void suspendsWhileTheViewsAreTooLargeTogetherAndResumesOnceTheyFit() {
        register("v1", "one", Limits.VIEW_BYTES);
        register("v2", "two", Limits.VIEW_BYTES);
        registry.send(standing("c1", "", "one:total_orders", "two:total_orders"));

        StandingRetrieval record = registry.standing().getLast();
        assertThat(record.getStatus()).isEqualTo(StandingStatus.SUSPENDED);
        assertThat(record.getReasons()).extracting(Violation::getCode).containsExactly(Code.STANDING_TOO_LARGE.name());
        assertThat(record.getReasons().getFirst().getMessage()).contains(Integer.toString(2 * Limits.VIEW_BYTES));
        assertThat(registry.retrievalResults().getLast().getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(registry.runs()).isEmpty();

        register("v3", "one", 10_000);
        List<RetrievalRequest> runs = registry.runs();
        assertThat(runs).hasSize(1);
        assertThat(runs.getFirst().getPins().getViews())
                .extracting(pin -> EventSize.of(pin.getDefinition()))
                .containsExactly(10_000, Limits.VIEW_BYTES);
        assertThat(registry.standing().getLast().getStatus()).isEqualTo(StandingStatus.ACTIVE);
    }

    @Test
    void suspendsWhenOneLargeViewIsReadUnderSeveralAliases() {
        register("v1", "one", Limits.VIEW_BYTES);
        RetrievalRequest retrieval = RetrievalRequest.newBuilder(standing("c1").getRetrieval())
                .setViews(List.of(
                        ViewUse.newBuilder().setView("one").setAlias("a").build(),
                        ViewUse.newBuilder().setView("one").setAlias("b").build()))
                .setFeatures(List.of("a:total_orders", "b:total_orders"))
                .build();
        registry.send(StandingRequest.newBuilder(standing("c1"))
                .setRetrieval(retrieval)
                .build());

        assertThat(registry.standing().getLast().getReasons())
                .extracting(Violation::getCode)
                .containsExactly(Code.STANDING_TOO_LARGE.name());
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void limitsTheBytesOfWaitingStandingRequests() {
        Spine rows = Spine.newBuilder()
                .setKind(SpineKind.IDS)
                .setColumns(List.of("customer_id"))
                .setRows(Collections.nCopies(10, List.of("x".repeat(50_000))))
                .build();
        for (int i = 0; i < 4; i++) {
            registry.send(inline("c" + i, rows));
        }

        assertThat(registry.retrievalResults())
                .extracting(RetrievalResult::getCode)
                .containsExactly(Code.OVERLOADED.name());

        registry.send(inline("c2", rows)); // is waiting already, so its answer will follow
        registry.send(inline("c3", rows));
        assertThat(registry.retrievalResults())
                .extracting(RetrievalResult::getRequestId)
                .containsExactly("c3");
    }

    private static StandingRequest inline(String id, Spine rows) {
        StandingRequest request = standing(id);
        return StandingRequest.newBuilder(request)
                .setRetrieval(RetrievalRequest.newBuilder(request.getRetrieval())
                        .setSpine(rows)
                        .build())
                .build();
    }

    /// A registration whose view has exactly `viewBytes` bytes.
    private static RegistrationRequest described(String id, String view, int viewBytes) {
        RegistrationRequest.Builder request = Views.request(id, view);
        int without = size(request.setDescription("x".repeat(9_000)).build());
        int missing = viewBytes - without;
        RegistrationRequest filled =
                request.setDescription("x".repeat(9_000 + missing)).build();
        int surplus = size(filled) - viewBytes; // the length prefix of a longer text has more bytes
        return request.setDescription("x".repeat(9_000 + missing - surplus)).build();
    }

    private static int size(RegistrationRequest request) {
        return EventSize.of(Definition.resolved(
                request,
                Definition.digest(request),
                Views.accepted(request, 100).resolution(),
                null,
                RegistryFixture.START));
    }

    private void register(String id, String view, int viewBytes) {
        registry.send(described(id, view, viewBytes));
        registry.validateAll();
        assertThat(registry.result().getViolations()).isEmpty();
    }

    private static StandingRequest standing(String id) {
        return standing(id, "", "customer_features:total_orders");
    }

    private static StandingRequest standing(String id, String padding, String... features) {
        return StandingRequest.newBuilder()
                .setRequestId(id)
                .setStandingId("daily")
                .setAction(StandingAction.CREATE)
                .setRetrieval(RetrievalRequest.newBuilder()
                        .setRequestId("unused")
                        .setSpine(Spine.newBuilder()
                                .setKind(SpineKind.ALL)
                                .setColumns(padding.isEmpty() ? List.of() : List.of(padding))
                                .build())
                        .setFeatures(List.of(features))
                        .build())
                .build();
    }

    private static RetrievalResult answered(RetrievalRequest run) {
        return RetrievalResult.newBuilder()
                .setRequestId(run.getRequestId())
                .setRequestDigest(RequestDigest.of(run))
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage("")
                .setStandingId(run.getStandingId())
                .setCompletedAt(RegistryFixture.START)
                .build();
    }

    private void show(long snapshot, Schema schema) {
        registry.catalog.show(
                new KnownState(Views.UUID, snapshot, (int) snapshot, snapshot), CommitKind.SCHEMA, schema);
    }
}
