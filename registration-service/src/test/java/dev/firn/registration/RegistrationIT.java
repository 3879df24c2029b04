package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
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
    void registersAViewAndAnswersAsTheMissionShows() {
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

    /// The fastest of some, since the machine may be busy with other things.
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
