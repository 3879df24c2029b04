package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// A Kafka broker that is also its own controller.
final class BrokerPart {
    static final String NAME = "broker";

    /// Firn's events are at most 900 KiB; a dead letter adds headers to one.
    private static final int MAX_MESSAGE_BYTES = 2 << 20;

    private BrokerPart() {}

    /// A broker that serves everybody who reaches it.
    static ProcessSpec open(Path folder, PartJars parts, Ports.Kafka ports) throws IOException {
        Map<String, String> settings = new HashMap<>(node(folder, ports));
        settings.putAll(Map.of(
                "listeners",
                listeners(Map.of("PLAINTEXT", ports.broker(), "CONTROLLER", ports.controller())),
                "inter.broker.listener.name",
                "PLAINTEXT",
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"));
        return process(folder, parts, settings).readyAt(address(ports), HealthProbe.kafka(Ports.HOST, ports.broker()));
    }

    /// A broker that refuses what no ACL allows. Clients need TLS and a password. The node itself uses its certificate.
    /// The probe's listener is in the open, for who calls it may do nothing but list brokers.
    static ProcessSpec secured(Path folder, PartJars parts, Ports.Kafka ports, KafkaAccess access) throws IOException {
        access.writeCredentialsFiles();
        Map<String, String> settings = new HashMap<>(node(folder, ports));
        settings.putAll(Map.ofEntries(
                Map.entry(
                        "listeners",
                        listeners(Map.of(
                                "CLIENTS", ports.broker(),
                                "BROKER", ports.internal(),
                                "PROBE", ports.probe(),
                                "CONTROLLER", ports.controller()))),
                Map.entry("inter.broker.listener.name", "BROKER"),
                Map.entry(
                        "listener.security.protocol.map", "CLIENTS:SASL_SSL,BROKER:SSL,PROBE:PLAINTEXT,CONTROLLER:SSL"),
                Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                Map.entry("allow.everyone.if.no.acl.found", "false"),
                Map.entry("super.users", "%s;%s".formatted(StackUser.ADMIN.principal(), BrokerCertificate.PRINCIPAL)),
                Map.entry("ssl.keystore.type", "PEM"),
                Map.entry(
                        "ssl.keystore.location", certificateOf(folder).keyFile().toString()),
                Map.entry("ssl.truststore.type", "PEM"),
                Map.entry("ssl.truststore.location", access.certificate()),
                Map.entry("listener.name.broker.ssl.client.auth", "required"),
                Map.entry("listener.name.controller.ssl.client.auth", "required"),
                Map.entry("listener.name.clients.sasl.enabled.mechanisms", KafkaAccess.MECHANISM + ",SCRAM-SHA-256"),
                Map.entry("listener.name.clients.plain.sasl.jaas.config", access.brokerJaasConfig()),
                Map.entry(
                        "listener.name.clients.scram-sha-256.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;")));
        return process(folder, parts, settings).readyAt(address(ports), HealthProbe.kafka(Ports.HOST, ports.probe()));
    }

    /// The PEM file that clients of a secured broker trust; made if it is missing.
    static Path certificate(Path folder) throws IOException {
        BrokerCertificate certificate = certificateOf(folder);
        certificate.create();
        return certificate.certificateFile();
    }

    private static BrokerCertificate certificateOf(Path folder) {
        return BrokerCertificate.in(folder.resolve(NAME).resolve("access"));
    }

    private static String address(Ports.Kafka ports) {
        return "%s:%d".formatted(Ports.HOST, ports.broker());
    }

    private static String listeners(Map<String, Integer> ports) {
        return ports.entrySet().stream()
                .map(listener -> "%s://%s:%d".formatted(listener.getKey(), Ports.HOST, listener.getValue()))
                .sorted()
                .collect(Collectors.joining(","));
    }

    private static ProcessSpec process(Path folder, PartJars parts, Map<String, String> settings) throws IOException {
        Path home = folder.resolve(NAME);
        Path file = home.resolve("server.properties");
        DataFiles.write(file, DataFiles.properties(settings));
        return ProcessSpec.of(NAME, parts.broker(), "dev.firn.embedded.child.BrokerMain", home)
                .withJvmArguments(
                        "-Xmx320m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=dev/firn/embedded/child/logback.xml")
                .withArguments(file.toString(), logs(folder).toString());
    }

    private static Path logs(Path folder) {
        return folder.resolve(NAME).resolve("log");
    }

    /// The voters are static, so Kafka reads them from here at each start and the controller's port may change.
    private static Map<String, String> node(Path folder, Ports.Kafka ports) {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@%s:%d".formatted(Ports.HOST, ports.controller())),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", logs(folder).toString()),
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
                Map.entry("group.min.session.timeout.ms", "1000"),
                // for 600,000 keys of a compacted topic at a time; the default takes 128 MB of the heap
                Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20)),
                // how often an idle controller writes a record so that others see it alive; there are no others
                Map.entry("metadata.max.idle.interval.ms", "10000"));
    }
}
