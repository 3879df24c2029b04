package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.alias;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.use;
import static dev.firn.retrieval.job.Given.view;
import static dev.firn.retrieval.job.Given.viewBuilder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewPin;
import dev.firn.events.ViewStatus;
import dev.firn.events.ViewUse;
import dev.firn.events.Violation;
import dev.firn.retrieval.job.CheckedRequest.AskedFeature;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class RequestCheckTest {
    private static final RetrievalLimits LIMITS = new RetrievalLimits(3, 10, 1_000);
    private static final Views REGISTRY = Views.of(List.of(
            view("orders", "total", "average"),
            view("visits", "total", "pages"),
            viewBuilder("gone", "total").setStatus(ViewStatus.DROPPED).build(),
            viewBuilder("broken", "total").setStatus(ViewStatus.BROKEN).build(),
            viewBuilder("plain", "size").setSource(Given.source("plain", null)).build(),
            viewBuilder("audited", "total")
                    .setSource(ResolvedSource.newBuilder(Given.source("audited", null))
                            .setRef("audit")
                            .build())
                    .build()));

    @Test
    void namesFeaturesByThemselves() {
        assertThat(names(request(ids("id", "1"), "orders:total", "visits:pages")))
                .containsExactly("total", "pages");
    }

    @Test
    void namesFeaturesWithTheirViewWhenAskedTo() {
        assertThat(names(request(ids("id", "1"), "orders:total", "visits:total").setFullFeatureNames(true)))
                .containsExactly("orders__total", "visits__total");
    }

    @Test
    void expandsAStarInTheOrderOfTheView() {
        assertThat(names(request(ids("id", "1"), "orders:*"))).containsExactly("total", "average");
    }

    @Test
    void namesFeaturesOfAnAliasByTheAlias() {
        RetrievalRequest.Builder twice = request(ids("x", "1"), "origin:total", "destination:total")
                .setViews(List.of(
                        alias("orders", "origin", Map.of("id", "origin_id")),
                        alias("orders", "destination", Map.of("id", "destination_id"))));

        assertThat(names(twice)).containsExactly("origin__total", "destination__total");
    }

    @Test
    void reportsAllViolationsAtOnce() {
        assertThat(codes(request(
                        ids("id", "1"), "orders:totl", "order:total", "gone:total", "nonsense", "broken:total")))
                .containsExactly(
                        "UNKNOWN_FEATURE", "UNKNOWN_VIEW", "VIEW_DROPPED", "INVALID_FEATURE_REFERENCE", "VIEW_BROKEN");
    }

    @Test
    void namesTheWayToATimestampThatIsAskedForAsAFeature() {
        for (String name : List.of("event_timestamp", "event", "created")) {
            Violation violation =
                    violations(request(ids("id", "1"), "orders:" + name)).getFirst();

            assertThat(violation.getCode()).isEqualTo("UNKNOWN_FEATURE");
            assertThat(violation.getMessage())
                    .contains("include_event_timestamps")
                    .contains("orders__event_timestamp");
        }
    }

    @Test
    void suggestsTheNearestViewAndFeature() {
        List<Violation> violations = violations(request(ids("id", "1"), "orders:totl", "order:total"));

        assertThat(violations).extracting(Violation::getSuggestion).containsExactly("total", "orders");
    }

    @Test
    void refusesTwoColumnsOfOneNameAndNamesBoth() {
        Violation violation = violations(request(ids("id", "1"), "orders:total", "visits:total"))
                .getFirst();

        assertThat(violation.getCode()).isEqualTo("COLUMN_COLLISION");
        assertThat(violation.getMessage()).contains("orders:total").contains("visits:total");
    }

    @Test
    void refusesToFilterByAMissingCreatedTimestamp() {
        assertThat(codes(request(ids("id", "1"), "plain:size").setFilterByCreated(true)))
                .containsExactly("CREATED_REQUIRED");
    }

    @Test
    void readsABrokenViewAtAnExplicitSnapshot() {
        RetrievalRequest.Builder older = request(ids("id", "1"), "broken:total")
                .setViews(List.of(use("broken").setSnapshotId(7L).build()));

        assertThat(names(older)).containsExactly("total");
    }

    /// A table records the times of main's snapshots only.
    @Test
    void refusesATimeForAViewOfAnotherBranch() {
        RetrievalRequest.Builder past = request(ids("id", "1"), "audited:total");

        assertThat(codes(past.setViews(
                        List.of(use("audited").setSnapshotAsOf(Instant.EPOCH).build()))))
                .containsExactly("SNAPSHOT_CONFLICT");
        assertThat(names(past.setViews(List.of(use("audited").setSnapshotId(7L).build()))))
                .containsExactly("total");
    }

    @Test
    void refusesTwoChoicesOfASnapshot() {
        RetrievalRequest.Builder both = request(ids("id", "1"), "orders:total")
                .setViews(
                        List.of(use("orders").setSnapshotId(7L).setRef("audit").build()));

        assertThat(codes(both)).containsExactly("SNAPSHOT_CONFLICT");
    }

    @Test
    void refusesInvalidAliases() {
        RetrievalRequest.Builder aliased =
                request(ids("id", "1"), "a__b:total").setViews(List.of(alias("orders", "a__b", Map.of())));

        assertThat(codes(aliased)).containsExactly("INVALID_ALIAS");
    }

    @Test
    void refusesTwoUsesOfOneNameInAnyCase() {
        RetrievalRequest.Builder twice = request(ids("id", "1"), "orders:total", "Orders:average")
                .setViews(List.of(use("orders").build(), alias("orders", "Orders", Map.of())));

        assertThat(codes(twice)).containsExactly("DUPLICATE_ALIAS");
    }

    @Test
    void limitsTheNumberOfViews() {
        RetrievalRequest.Builder many = request(ids("id", "1"), "a:total", "b:total", "c:total", "d:total")
                .setViews(Stream.of("a", "b", "c", "d")
                        .map(name -> alias("orders", name, Map.of()))
                        .toList());

        assertThat(violations(many))
                .containsExactly(Code.LIMIT_EXCEEDED.violation("views", "The request uses 4 views; the limit is 3."));
    }

    @Test
    void usesTheDefinitionsAndTheTimeOfThePins() {
        Instant then = Instant.parse("2023-01-01T00:00:00Z");
        CheckedRequest checked = check(pinned(request(ids("id", "1"), "gone:total"), then, "gone"));

        assertThat(checked.asOf()).isEqualTo(then);
        assertThat(checked.views().getFirst().readPoint()).isInstanceOf(ReadPoint.AtPin.class);
    }

    @Test
    void refusesAnotherTimeThanThePins() {
        RetrievalRequest.Builder moved = pinned(request(ids("id", "1"), "orders:total"), Given.NOW, "orders")
                .setAsOf(Instant.EPOCH);

        assertThat(pinsViolation(moved).getField()).isEqualTo("as_of");
    }

    @Test
    void takesTheTimeOfARunFromItsRecord() {
        RetrievalRequest.Builder run = pinned(request(ids("id", "1"), "orders:total"), Instant.EPOCH, "orders")
                .setStandingId("nightly");

        assertThat(check(run).asOf()).isEqualTo(Given.NOW);
    }

    @Test
    void refusesAViewThatThePinsDoNotContain() {
        RetrievalRequest.Builder other = pinned(request(ids("id", "1"), "visits:pages"), Given.NOW, "orders");

        assertThat(pinsViolation(other).getMessage()).contains("do not contain view 'visits'");
    }

    @Test
    void refusesAnAliasThatMeansAnotherViewInThePins() {
        RetrievalRequest.Builder other = pinned(request(ids("id", "1"), "orders:total"), Given.NOW, "orders")
                .setViews(List.of(alias("visits", "orders", Map.of())));

        assertThat(pinsViolation(other).getMessage()).contains("'orders' is view 'orders', not 'visits'");
    }

    @Test
    void refusesASnapshotBesideThePins() {
        RetrievalRequest.Builder both = pinned(request(ids("id", "1"), "orders:total"), Given.NOW, "orders")
                .setViews(List.of(use("orders").setSnapshotId(7L).build()));

        assertThat(pinsViolation(both).getField()).isEqualTo("views[0]");
    }

    @Test
    void refusesAnUnknownJoinKey() {
        RetrievalRequest.Builder mapped =
                request(ids("id", "1"), "o:total").setViews(List.of(alias("orders", "o", Map.of("idd", "x"))));

        assertThat(codes(mapped)).containsExactly("UNKNOWN_ENTITY");
    }

    @Test
    void refusesAnUnusedView() {
        RetrievalRequest.Builder unused = request(ids("id", "1"), "orders:total")
                .setViews(List.of(use("visits").build()));

        assertThat(codes(unused)).containsExactly("VIEW_NOT_USED");
    }

    /// Each unknown name is compared with all others, so what a request may cost is limited before it is looked at.
    @Test
    @Timeout(60)
    void aThousandMisspeltReferencesOverTenThousandViewsAreRefusedAtOnce() {
        Views many = Views.of(IntStream.range(0, 10_000)
                .mapToObj(i -> view("customer_orders_by_region_and_day_%05d".formatted(i), "total"))
                .toList());
        List<String> references = IntStream.range(0, 1_000)
                .mapToObj(i -> "customer_order_by_regions_and_day_%05d:total".formatted(90_000 + i))
                .toList();
        RetrievalRequest request =
                request(ids("id", "1")).setFeatures(references).build();
        RetrievalLimits limits = new RetrievalLimits(50, 2_000, 1_000);
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        RetrievalRejected rejected = catchThrowableOfType(
                RetrievalRejected.class,
                () -> RequestCheck.check(request, many, null, Given.NOW, limits, new Cancellation()));

        Duration spent = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
        assertThat(spent).as("CPU time").isLessThan(Duration.ofSeconds(2));
        assertThat(rejected.violations()).hasSize(Limits.VIOLATIONS);
        assertThat(rejected.violations()).extracting(Violation::getCode).containsOnly("UNKNOWN_VIEW");
        assertThat(rejected.violations()).allMatch(violation -> violation.getSuggestion() != null);
    }

    /// They need no view: a request's own aliases are candidates too.
    @Test
    @Timeout(5)
    void manyLongAliasesAreRefusedBeforeTheyAreCompared() {
        List<ViewUse> uses = IntStream.range(0, 500)
                .mapToObj(i -> alias("nothing" + i, "%s_%03d".formatted("alias".repeat(24), i), Map.of()))
                .toList();
        RetrievalRequest.Builder many = request(
                        ids("id", "1"),
                        uses.stream().map(use -> use.getAlias() + ":total").toArray(String[]::new))
                .setViews(uses);

        assertThat(codes(many)).containsExactly("LIMIT_EXCEEDED", "LIMIT_EXCEEDED");
    }

    @Test
    void messagesQuoteLongNamesInPart() {
        List<Violation> violations =
                violations(request(ids("id", "1"), "x".repeat(100_000), "orders:" + "y".repeat(100_000)));

        assertThat(violations)
                .hasSize(2)
                .allMatch(violation -> violation.getMessage().length() < 1_000);
    }

    @Test
    void stopsOnceItIsCancelled() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        RetrievalRequest request = request(ids("id", "1"), "orders:total").build();

        assertThatThrownBy(() -> RequestCheck.check(request, REGISTRY, null, Given.NOW, LIMITS, cancellation))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void refusesARequestWithoutFeatures() {
        assertThat(codes(request(ids("id", "1")))).containsExactly("NO_FEATURES");
    }

    @Test
    void limitsTheNumberOfColumns() {
        RetrievalRequest.Builder many =
                request(ids("id", "1"), "orders:*", "visits:*", "orders:*", "visits:*", "orders:*", "visits:*");

        assertThat(codes(many)).contains("LIMIT_EXCEEDED");
    }

    @Test
    void usesTheRecordsTimeAsNow() {
        CheckedRequest checked = check(request(ids("id", "1"), "orders:total"));

        assertThat(checked.asOf()).isEqualTo(Given.NOW);
    }

    @Test
    void usesTheRequestedTime() {
        Instant then = Instant.parse("2020-01-01T00:00:00Z");

        assertThat(check(request(ids("id", "1"), "orders:total").setAsOf(then)).asOf())
                .isEqualTo(then);
    }

    /// The request with pins of one view at a time.
    private static RetrievalRequest.Builder pinned(RetrievalRequest.Builder request, Instant asOf, String view) {
        return request.setPins(Given.pins()
                .setAsOf(asOf)
                .setViews(List.of(ViewPin.newBuilder()
                        .setAlias(view)
                        .setDefinition(REGISTRY.find(view).orElseThrow())
                        .setTableUuid("uuid-of-" + view)
                        .setSnapshotId(7L)
                        .setSchemaId(0)
                        .setMetadataLocation("s3://lake/metadata.json")
                        .build()))
                .build());
    }

    private static Violation pinsViolation(RetrievalRequest.Builder request) {
        List<Violation> violations = violations(request);
        assertThat(violations).extracting(Violation::getCode).containsExactly("PINS_INVALID");
        return violations.getFirst();
    }

    private static CheckedRequest check(RetrievalRequest.Builder request) {
        return RequestCheck.check(request.build(), REGISTRY, request.getPins(), Given.NOW, LIMITS, new Cancellation());
    }

    private static List<String> names(RetrievalRequest.Builder request) {
        return check(request).features().stream().map(AskedFeature::name).toList();
    }

    private static List<Violation> violations(RetrievalRequest.Builder request) {
        return catchThrowableOfType(RetrievalRejected.class, () -> check(request))
                .violations();
    }

    private static List<String> codes(RetrievalRequest.Builder request) {
        return violations(request).stream().map(Violation::getCode).toList();
    }
}
