package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The addresses of a stack and the processes it will run, the slowest to start first.
record StackPlan(StackAddresses addresses, List<ProcessSpec> processes) {
    /// Keeps the ports, if free, and the secret of the folder's previous run. Writes the configuration files
    /// of the parts.
    static StackPlan of(StackSettings settings, Optional<StackAddresses> previous) throws IOException {
        Ports ports = Ports.free(previous);
        StackAddresses addresses = addresses(settings, ports, previous);
        return new StackPlan(addresses, processes(settings, ports, addresses));
    }

    private static List<ProcessSpec> processes(StackSettings settings, Ports ports, StackAddresses addresses)
            throws IOException {
        Path folder = settings.folder();
        PartJars jars = new PartJars(settings.home());
        List<ProcessSpec> processes = new ArrayList<>();
        processes.add(TrinoPart.process(folder, jars, ports, addresses));
        processes.add(RegistryPart.process(folder, jars, ports));
        switch (settings.broker()) {
            case Broker.Embedded() -> processes.add(BrokerPart.open(folder, jars, ports.kafka()));
            case Broker.Secured() ->
                processes.add(BrokerPart.secured(folder, jars, ports.kafka(), addresses.kafkaAccess()));
            case Broker.At(String ignored) -> {}
        }
        processes.add(S3Part.process(folder, jars, ports, addresses.secretKey()));
        return processes;
    }

    private static StackAddresses addresses(StackSettings settings, Ports ports, Optional<StackAddresses> previous)
            throws IOException {
        String bootstrapServers =
                switch (settings.broker()) {
                    case Broker.Embedded(), Broker.Secured() ->
                        "%s:%d".formatted(Ports.HOST, ports.kafka().broker());
                    case Broker.At(String servers) -> servers;
                };
        return new StackAddresses(
                bootstrapServers,
                RegistryPart.url(ports),
                S3Part.endpoint(ports),
                S3Part.ACCESS_KEY,
                previous.map(StackAddresses::secretKey).orElseGet(Secrets::next),
                S3Part.REGION,
                Ports.HOST,
                ports.trino(),
                TrinoPart.USER,
                CatalogFile.uri(settings.folder()),
                "s3://%s/%s".formatted(StackAddresses.BUCKET, StackAddresses.ICEBERG_PATH),
                switch (settings.broker()) {
                    case Broker.Secured() -> KafkaAccess.secured(BrokerPart.certificate(settings.folder()), previous);
                    case Broker.Embedded() -> KafkaAccess.OPEN;
                    case Broker.At(String ignored) -> KafkaAccess.OPEN;
                });
    }
}
