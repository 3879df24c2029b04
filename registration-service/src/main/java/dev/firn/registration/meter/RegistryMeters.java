package dev.firn.registration.meter;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The meters of the registration service. Thread-safe.
///
/// A gauge is the sum over the partitions that this process owns: each incarnation of a processor opens a [Share] and
/// closes it when it ends. Counters may count what an aborted transaction repeats.
public final class RegistryMeters {
    private static final String STATUS = "status";
    private static final String TOPIC = "topic";

    private final MeterRegistry registry;
    private final Map<String, Set<Share>> shares = new ConcurrentHashMap<>();

    public RegistryMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    Share views(Enum<?> status) {
        return share("firn.registration.views", "feature views", Tags.of(STATUS, status.name()));
    }

    Share standing(Enum<?> status) {
        return share("firn.registration.standing", "standing retrievals", Tags.of(STATUS, status.name()));
    }

    /// Registrations that wait for their answer.
    public Share pending() {
        return share("firn.registration.pending", "registrations that wait for their answer", Tags.empty());
    }

    /// Looks at tables that are in flight.
    public Share looks() {
        return share("firn.registration.looks", "looks at tables in flight", Tags.empty());
    }

    /// Records of an input that wait for the schema registry.
    public Share undecoded(String topic) {
        return share("firn.registration.undecoded", "records that wait for the schema registry", Tags.of(TOPIC, topic));
    }

    public void deadLettered(String topic) {
        counter("firn.registration.dead.letters", Tags.of(TOPIC, topic)).increment();
    }

    /// A record was read again that had been applied before.
    public void replayed(String topic) {
        counter("firn.registration.replays", Tags.of(TOPIC, topic)).increment();
    }

    public void runFailed() {
        counter("firn.registration.runs.failed", Tags.empty()).increment();
    }

    /// A run follows a failed one, or is issued again for want of an answer.
    public void runRetried() {
        counter("firn.registration.runs.retried", Tags.empty()).increment();
    }

    private Counter counter(String name, Tags tags) {
        return registry.counter(name, tags);
    }

    private Share share(String name, String description, Tags tags) {
        Set<Share> all = shares.computeIfAbsent(name + tags, key -> {
            Set<Share> open = ConcurrentHashMap.newKeySet();
            Gauge.builder(name, open, RegistryMeters::sum)
                    .tags(tags)
                    .description(description)
                    .register(registry);
            return open;
        });
        Share share = new Share(all);
        all.add(share);
        return share;
    }

    private static double sum(Set<Share> open) {
        return open.stream().mapToLong(Share::value).sum();
    }
}
