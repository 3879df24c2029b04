package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.TableSource;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/// Two hundred registrations sent at once: every view gets its answers in order, and validations run side by side.
@WithStack
final class ManyRegistrationsIT {
    private static final int VIEWS = 100;
    private static final int PER_VIEW = 2;

    @Test
    void allAreAnsweredInOrderPerViewAndSideBySideCostsNoMore(TestStack stack, Trino trino) {
        String schema = trino.newSchema();
        trino.execute(
                "CREATE TABLE iceberg.%s.customer_aggregates (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(schema),
                "INSERT INTO iceberg.%s.customer_aggregates VALUES (1, 2, 3.5, TIMESTAMP '2024-01-01 00:00:00 UTC')"
                        .formatted(schema));
        Duration oneByOne = answered(stack, schema, 1);
        Duration sideBySide = answered(stack, schema, 8);
        System.out.printf(
                "%d registrations: %d ms side by side, %d ms one at a time%n",
                VIEWS * PER_VIEW, sideBySide.toMillis(), oneByOne.toMillis());
        // Trino itself is the busy part on a small machine, so side by side need not be faster there, only not slower
        assertThat(sideBySide).isLessThan(oneByOne.multipliedBy(3).dividedBy(2));
    }

    private static Duration answered(TestStack stack, String schema, int validationThreads) {
        try (RealRegistry registry = new RealRegistry(
                        stack, "firn.registration.validation-threads", Integer.toString(validationThreads))
                .started()) {
            registry.send(request(schema, "warm-up", "warm_up", 0));
            RealRegistry.Reader<RegistrationResult> results = registry.results();
            results.awaitCount(1);
            long sent = System.nanoTime();
            for (int n = 0; n < PER_VIEW; n++) {
                for (int view = 0; view < VIEWS; view++) {
                    registry.send(request(schema, "r%d-%d".formatted(view, n), "view_" + view, n));
                }
            }
            results.awaitCount(1 + VIEWS * PER_VIEW);
            Duration took = Duration.ofNanos(System.nanoTime() - sent);
            Map<String, List<String>> idsByView = new HashMap<>();
            for (ConsumerRecord<String, RegistrationResult> answer : results.records()) {
                assertThat(answer.value().getStatus()).isIn(RegistrationStatus.REGISTERED, RegistrationStatus.UPDATED);
                idsByView
                        .computeIfAbsent(answer.key(), key -> new ArrayList<>())
                        .add(answer.value().getRequestId());
            }
            for (int view = 0; view < VIEWS; view++) {
                assertThat(idsByView.get("view_" + view))
                        .containsExactly("r%d-0".formatted(view), "r%d-1".formatted(view));
            }
            return took;
        }
    }

    private static RegistrationRequest request(String schema, String id, String view, long ttl) {
        RegistrationRequest.Builder request = Views.request(id, view);
        return request.setTtlMicros(ttl)
                .setSource(TableSource.newBuilder(request.getSource())
                        .setSchema$(schema)
                        .build())
                .build();
    }
}
