package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Topic;
import dev.firn.service.event.EventSize;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Registrations over the real broker, registry, catalog and Trino.
@WithStack
final class RegistrationIT {
    private static RealRegistry registry;
    private static String schema;

    @BeforeAll
    static void start(TestStack stack, Trino trino) {
        schema = trino.newSchema();
        trino.execute(
                "CREATE TABLE iceberg.%s.customer_aggregates (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(schema),
                "INSERT INTO iceberg.%s.customer_aggregates VALUES (1, 2, 3.5, TIMESTAMP '2024-01-01 00:00:00 UTC'), (1, 3, 4.5, TIMESTAMP '2024-01-02 00:00:00 UTC')"
                        .formatted(schema));
        registry = new RealRegistry(stack).started();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @Test
    void registersAViewAndAnswersWithItsRecord() {
        RegistrationRequest request = request("r1", "customer_features");
        registry.send(request);

        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("r1"), "the answer to r1")
                .value();
        assertThat(result.getViolations()).isEmpty();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(result.getMessage())
                .isEqualTo("Feature view 'customer_features' successfully registered from Iceberg %s layer with 2"
                                .formatted(schema)
                        + " features (offline store only)");
        FeatureView view = registry.views()
                .await(record -> record.getName().equals("customer_features"), "the registry's record")
                .value();
        assertThat(view).isEqualTo(result.getFeatureView());
        assertThat(view.getSource().getDataPath())
                .startsWith("s3://lake/iceberg/")
                .endsWith("/data/*.parquet");
        assertThat(view.getSource().getSnapshotId()).isNotNull();
    }

    @Test
    void registersAViewWithoutEntitiesWithAWarning() {
        registry.send(RegistrationRequest.newBuilder(request("none", "rates"))
                .setEntities(List.of())
                .build());

        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("none"), "the answer")
                .value();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        assertThat(result.getFeatureView().getEntities()).isEmpty();
        assertThat(result.getWarnings()).extracting(Violation::getCode).contains(Code.NO_ENTITIES.name());
    }

    /// The fastest of several, since the machine may be busy with other work.
    @Test
    void answersWithinASecondWhenTrinoIsWarm() {
        RealRegistry.Reader<RegistrationResult> results = registry.results();
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String id = "warm" + i;
            long sent = System.nanoTime();
            registry.send(request(id, id));
            results.await(answer -> answer.getRequestId().equals(id), id);
            millis.add((System.nanoTime() - sent) / 1_000_000);
        }
        System.out.println("registrations answered in ms: " + millis);
        assertThat(Collections.min(millis)).isLessThan(1_000);
    }

    @Test
    void largestViewFitsThroughEveryTopic() {
        registry.send(described("dry", 1_000).setDryRun(true).build());
        RealRegistry.Reader<RegistrationResult> results = registry.results();
        FeatureView small = results.await(answer -> answer.getRequestId().equals("dry"), "the dry run")
                .value()
                .getFeatureView();
        int around = 64; // bytes that version, request id, times and the description's length prefix may add
        int description = 1_000 + Limits.VIEW_BYTES - EventSize.of(small) - around;
        registry.send(described("over", description + 2 * around).build());
        registry.send(described("largest", description).build());

        RegistrationResult refused = results.await(
                        answer -> answer.getRequestId().equals("over"), "the refusal")
                .value();
        assertThat(refused.getViolations()).extracting(Violation::getCode).containsExactly(Code.VIEW_TOO_LARGE.name());
        RegistrationResult result = results.await(
                        answer -> answer.getRequestId().equals("largest"), "the largest")
                .value();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.REGISTERED);
        FeatureView view = registry.views()
                .await(record -> record.getName().equals("largest"), "its record")
                .value();
        assertThat(view).isEqualTo(result.getFeatureView());
        assertThat(EventSize.of(view)).isBetween(Limits.VIEW_BYTES - 2 * around, Limits.VIEW_BYTES);

        registry.send(
                Topic.STANDING_REQUESTS,
                "large",
                StandingRequest.newBuilder()
                        .setRequestId("c1")
                        .setStandingId("large")
                        .setAction(StandingAction.CREATE)
                        .setRetrieval(RetrievalRequest.newBuilder()
                                .setRequestId("unused")
                                .setSpine(Spine.newBuilder()
                                        .setKind(SpineKind.ALL)
                                        .build())
                                .setFeatures(List.of("largest:total_orders"))
                                .build())
                        .build());
        RetrievalRequest run = registry.reader(Topic.RETRIEVAL_RUNS, RetrievalRequest.class)
                .await(request -> "large".equals(request.getStandingId()), "the run")
                .value();
        assertThat(run.getPins().getViews().getFirst().getDefinition()).isEqualTo(view);
    }

    private static RegistrationRequest.Builder described(String id, int characters) {
        return RegistrationRequest.newBuilder(request(id, "largest")).setDescription("d".repeat(characters));
    }

    static RegistrationRequest request(String id, String view) {
        return Views.request(id, view)
                .setSource(TableSource.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$(schema)
                        .setTableName("customer_aggregates")
                        .setTimestampField("updated_at")
                        .build())
                .setFeatures(
                        List.of(Views.feature("total_orders", "int64"), Views.feature("avg_order_value", "float64")))
                .build();
    }
}
