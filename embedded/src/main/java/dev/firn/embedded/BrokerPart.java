package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A Kafka broker that is also its own controller.
final class BrokerPart {
    static final String NAME = "broker";

    /// Firn's events are at most 900 KiB; a dead letter adds headers to one.
    private static final int MAX_MESSAGE_BYTES = 2 << 20;

    private BrokerPart() {}

    static ProcessSpec process(Path folder, PartJars parts, Ports ports) throws IOException {
        Path home = folder.resolve(NAME);
        Path logs = home.resolve("log");
        Path settings = home.resolve("server.properties");
        DataFiles.write(settings, settings(logs, ports));
        return ProcessSpec.of(NAME, parts.broker(), "dev.firn.embedded.child.BrokerMain", home)
                .withJvmArguments(
                        "-Xmx320m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=dev/firn/embedded/child/logback.xml")
                .withArguments(settings.toString(), logs.toString())
                .readyAt("%s:%d".formatted(Ports.HOST, ports.broker()), HealthProbe.kafka(Ports.HOST, ports.broker()));
    }

    /// The voters are static, so Kafka reads them from here at each start and the controller's port may change.
    private static List<String> settings(Path logs, Ports ports) {
        String listeners = "PLAINTEXT://%1$s:%2$d,CONTROLLER://%1$s:%3$d"
                .formatted(Ports.HOST, ports.broker(), ports.controller());
        return DataFiles.properties(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@%s:%d".formatted(Ports.HOST, ports.controller())),
                Map.entry("listeners", listeners),
                Map.entry("advertised.listeners", listeners),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("inter.broker.listener.name", "PLAINTEXT"),
                Map.entry("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
                Map.entry("log.dirs", logs.toString()),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("message.max.bytes", Integer.toString(MAX_MESSAGE_BYTES)),
                Map.entry("replica.fetch.max.bytes", Integer.toString(MAX_MESSAGE_BYTES)),
                Map.entry("default.replication.factor", "1"),
                Map.entry("min.insync.replicas", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "8"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "8"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "8"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
                Map.entry("group.min.session.timeout.ms", "1000")));
    }
}
