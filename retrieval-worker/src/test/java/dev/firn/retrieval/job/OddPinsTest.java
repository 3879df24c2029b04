package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ViewPin;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pins that somebody wrote by hand. Another attempt would not read them better.
final class OddPinsTest {
    private static final String LONG = "x".repeat(100_000);

    @Test
    void aDefinitionThatCouldNotBeRegisteredIsRefused(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");
            Pins pins = lake.retrieve(request(ids("id", "1"), "facts:value"))
                    .completed()
                    .pins();
            Map<String, Consumer<FeatureView>> oddities = new LinkedHashMap<>();
            for (String type : List.of("nonsense", "", "list<long>", "decimal(99999999999, 2)", LONG)) {
                oddities.put(
                        "key of type " + type,
                        view -> view.getEntities().getFirst().put("type", type));
                oddities.put(
                        "time of type " + type,
                        view -> view.getSource().getTimestamp().put("type", type));
                oddities.put(
                        "feature of dtype " + type,
                        view -> view.getFeatures().getFirst().put("dtype", "_" + type));
            }
            oddities.put("zone", view -> view.getSource().put("timestamp_zone", "Mars/Olympus" + LONG));
            oddities.put("ttl", view -> view.put("ttl_micros", Long.MIN_VALUE));
            oddities.put("delay", view -> view.put("available_after_micros", -1L));

            oddities.forEach((what, oddity) -> {
                RetrievalRejected rejected = catchThrowableOfType(
                        RetrievalRejected.class,
                        () -> lake.retrieve(
                                request(ids("id", "1"), "facts:value").setPins(with(pins, oddity))));
                assertThat(rejected).as(what).isNotNull();
                assertThat(rejected.violations())
                        .as(what)
                        .extracting(Violation::getCode)
                        .containsExactly("PINS_INVALID");
                assertThat(rejected.violations().getFirst().getMessage()).hasSizeLessThan(1_000);
            });
        }
    }

    /// They mean a time before, or after, every row.
    @Test
    void anyTimeThatAnEventCanHoldIsRead(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");
            Pins pins = lake.retrieve(request(ids("id", "1"), "facts:value"))
                    .completed()
                    .pins();
            for (long micros : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, Long.MAX_VALUE}) {
                Pins odd = Pins.newBuilder(pins)
                        .setAsOf(Instant.EPOCH.plus(micros, ChronoUnit.MICROS))
                        .build();
                ResultTable result =
                        lake.retrieve(request(ids("id", "1"), "facts:value").setPins(odd));
                assertThat(result.column("value")).as("%d", micros).containsExactly(micros < 0 ? "null" : "10");
            }
        }
    }

    private static Pins with(Pins pins, Consumer<FeatureView> oddity) {
        ViewPin pin = ViewPin.newBuilder(pins.getViews().getFirst()).build();
        oddity.accept(pin.getDefinition());
        return Pins.newBuilder(pins).setViews(List.of(pin)).build();
    }
}
