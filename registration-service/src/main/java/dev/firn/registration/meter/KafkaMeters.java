package dev.firn.registration.meter;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Set;

/// Which of Kafka's own metrics are shown. Streams has one of each for every task, store and processor: thousands of
/// series, of which an operator needs few.
public final class KafkaMeters {
    private static final String PREFIX = "kafka.";

    /// By the names that Micrometer gives them. Each is one series, or one for each thread or client.
    static final Set<String> USEFUL = Set.of(
            "kafka.consumer.coordinator.failed.rebalance.total",
            "kafka.consumer.coordinator.last.heartbeat.seconds.ago",
            "kafka.consumer.coordinator.rebalance.total",
            "kafka.consumer.failed.authentication.total",
            "kafka.consumer.last.poll.seconds.ago",
            "kafka.producer.failed.authentication.total",
            "kafka.producer.record.error.total",
            "kafka.producer.record.retry.total",
            "kafka.stream.alive.stream.threads",
            "kafka.stream.failed.stream.threads",
            "kafka.stream.state.updater.active.restoring.tasks",
            "kafka.stream.thread.commit.latency.max",
            "kafka.stream.thread.process.latency.max",
            "kafka.stream.thread.process.total",
            "kafka.stream.thread.punctuate.latency.max");

    private KafkaMeters() {}

    /// Hides all others of Kafka. Add it to a registry before Kafka's meters.
    public static MeterFilter useful() {
        return new MeterFilter() {
            @Override
            public MeterFilterReply accept(Meter.Id id) {
                return id.getName().startsWith(PREFIX) && !USEFUL.contains(id.getName())
                        ? MeterFilterReply.DENY
                        : MeterFilterReply.NEUTRAL;
            }
        };
    }
}
