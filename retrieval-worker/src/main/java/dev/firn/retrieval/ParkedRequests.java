package dev.firn.retrieval;

import dev.firn.retrieval.intake.Parking;
import dev.firn.retrieval.intake.Turn;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What meters and health show about parked requests and commands.
record ParkedRequests(Parking requests, Parking commands) {
    private Stream<Parking> parkings() {
        return Stream.of(requests, commands);
    }

    private int count(Turn.Cause cause) {
        return parkings().mapToInt(parking -> parking.count(cause)).sum();
    }

    void bindTo(MeterRegistry metrics) {
        for (Turn.Cause cause : Turn.Cause.values()) {
            Gauge.builder("firn.retrieval.parked", () -> count(cause))
                    .description("requests that wait without a slot")
                    .tag("cause", cause.name())
                    .register(metrics);
        }
        Map.of("REQUESTS", requests, "COMMANDS", commands)
                .forEach((kind, parking) -> Gauge.builder("firn.retrieval.parked.bytes", parking::bytes)
                        .description("bytes of requests and commands that wait without a slot")
                        .baseUnit(BaseUnits.BYTES)
                        .tag("kind", kind)
                        .register(metrics));
    }

    Map<String, String> details() {
        Map<String, String> details = new TreeMap<>();
        details.put(
                "requests-parked",
                Integer.toString(
                        Arrays.stream(Turn.Cause.values()).mapToInt(this::count).sum()));
        parkings()
                .filter(Parking::isFull)
                .findFirst()
                .ifPresent(full -> details.put(
                        "requests-parked-full",
                        "%s of at most %s bytes: nothing more of their kind is taken"
                                .formatted(full.bytes(), full.maxBytes())));
        parkings()
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
