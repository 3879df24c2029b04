package dev.firn.retrieval;

import dev.firn.retrieval.intake.Parking;
import dev.firn.retrieval.intake.Turn;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What meters and health tell of the requests and commands that are parked.
record ParkedRequests(List<Parking> parkings) {
    ParkedRequests {
        parkings = List.copyOf(parkings);
    }

    private int count(Turn.Cause cause) {
        return parkings.stream().mapToInt(parking -> parking.count(cause)).sum();
    }

    void bindTo(MeterRegistry metrics) {
        for (Turn.Cause cause : Turn.Cause.values()) {
            Gauge.builder("firn.retrieval.parked", () -> count(cause))
                    .description("requests that wait outside the slots")
                    .tag("cause", cause.name())
                    .register(metrics);
        }
    }

    Map<String, String> details() {
        Map<String, String> details = new TreeMap<>();
        details.put(
                "requests-parked",
                Integer.toString(
                        Arrays.stream(Turn.Cause.values()).mapToInt(this::count).sum()));
        parkings.stream()
                .flatMap(parking -> parking.oldest().stream())
                .min(Parking.Oldest.FIRST_TO_LOOK_AT)
                .ifPresent(oldest -> details.put(
                        "requests-parked-oldest",
                        "%s, %s since %s"
                                .formatted(
                                        oldest.record(),
                                        oldest.cause().name().toLowerCase(Locale.ROOT),
                                        oldest.since())));
        return details;
    }
}
