package dev.firn.registration.meter;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/// The meters of the registration service. Thread-safe.
///
/// A gauge is the sum over the partitions that this process owns, or the maximum where that says more: each incarnation
/// of a processor opens a [Share] and closes it when it ends. Counters may count what an aborted transaction repeats.
public final class RegistryMeters {
    private static final String STATUS = "status";
    private static final String TOPIC = "topic";
    private static final String CODE = "code";

    /// The code of an answer that has none.
    private static final String NONE = "none";

    private static final Duration[] VALIDATION_BUCKETS = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

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
        return share("firn.registration.looks", "checks of tables in progress", Tags.empty());
    }

    /// Tables that are looked at for commits.
    public Share tables() {
        return share("firn.registration.tables", "tables that are checked for commits", Tags.empty());
    }

    /// How long ago the table was looked at that has waited longest, in seconds: the age of what is known.
    public Share lookAge() {
        return share(
                "firn.registration.look.age.seconds",
                "time since the last successful check of the table that has waited longest",
                Tags.empty(),
                RegistryMeters::max);
    }

    /// Records of an input that wait for the schema registry.
    public Share undecoded(String topic) {
        return share("firn.registration.undecoded", "records that wait for the schema registry", Tags.of(TOPIC, topic));
    }

    /// A registration was answered.
    ///
    /// @param code of the first violation, if there is one
    public void answered(Enum<?> status, Optional<String> code) {
        counter(
                        "firn.registration.answers",
                        "registrations that were answered",
                        Tags.of(STATUS, status.name(), CODE, code.orElse(NONE)))
                .increment();
    }

    /// A validation has ended.
    ///
    /// @param verdict in a word
    public void validated(String verdict, Duration time) {
        Timer.builder("firn.registration.validation")
                .description("time that a validation took")
                .tags("verdict", verdict)
                .serviceLevelObjectives(VALIDATION_BUCKETS)
                .register(registry)
                .record(time);
    }

    public void deadLettered(String topic, String code) {
        counter("firn.registration.dead.letters", "records that could not be read", Tags.of(TOPIC, topic, CODE, code))
                .increment();
    }

    /// A record was read again that had been applied before.
    public void replayed(String topic) {
        counter("firn.registration.replays", "records that were read again and dropped", Tags.of(TOPIC, topic))
                .increment();
    }

    /// Records of a topic with hints were read.
    ///
    /// @param source of the settings
    public void hints(String source, Enum<?> outcome, long records) {
        counter(
                        "firn.registration.hints",
                        "records on topics with hints, by outcome",
                        Tags.of("source", source, "outcome", outcome.name()))
                .increment((double) records);
    }

    /// A hint concerns a watched table, which is looked at because of it.
    public void hinted() {
        counter("firn.registration.hinted", "hints from other systems about watched tables", Tags.empty())
                .increment();
    }

    public void runIssued() {
        counter("firn.registration.runs.issued", "runs of standing retrievals that were issued", Tags.empty())
                .increment();
    }

    public void runFailed() {
        counter("firn.registration.runs.failed", "runs of standing retrievals that failed", Tags.empty())
                .increment();
    }

    /// A run follows a failed one, or is issued again because it was not answered.
    public void runRetried() {
        counter("firn.registration.runs.retried", "runs that were issued again", Tags.empty())
                .increment();
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private Share share(String name, String description, Tags tags) {
        return share(name, description, tags, RegistryMeters::sum);
    }

    private Share share(String name, String description, Tags tags, ToDoubleFunction<Set<Share>> value) {
        Set<Share> all = shares.computeIfAbsent(name + tags, key -> {
            Set<Share> open = ConcurrentHashMap.newKeySet();
            Gauge.builder(name, open, value).tags(tags).description(description).register(registry);
            return open;
        });
        Share share = new Share(all);
        all.add(share);
        return share;
    }

    private static double sum(Set<Share> open) {
        return open.stream().mapToLong(Share::value).sum();
    }

    private static double max(Set<Share> open) {
        return open.stream().mapToLong(Share::value).max().orElse(0);
    }
}
