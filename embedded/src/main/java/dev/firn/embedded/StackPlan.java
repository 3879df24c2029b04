package dev.firn.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The addresses of a stack and the processes it will run, the slowest to start first.
record StackPlan(StackAddresses addresses, List<ProcessSpec> processes) {
    private static final int SECRET_BYTES = 16;

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
        if (settings.broker() instanceof Broker.Embedded) {
            processes.add(BrokerPart.process(folder, jars, ports));
        }
        processes.add(S3Part.process(folder, jars, ports, addresses.secretKey()));
        return processes;
    }

    private static StackAddresses addresses(StackSettings settings, Ports ports, Optional<StackAddresses> previous) {
        String bootstrapServers =
                switch (settings.broker()) {
                    case Broker.Embedded() -> "%s:%d".formatted(Ports.HOST, ports.broker());
                    case Broker.At(String servers) -> servers;
                };
        return new StackAddresses(
                bootstrapServers,
                RegistryPart.url(ports),
                S3Part.endpoint(ports),
                S3Part.ACCESS_KEY,
                previous.map(StackAddresses::secretKey).orElseGet(StackPlan::newSecret),
                S3Part.REGION,
                Ports.HOST,
                ports.trino(),
                TrinoPart.USER,
                CatalogFile.uri(settings.folder()),
                "s3://%s/%s".formatted(StackAddresses.BUCKET, StackAddresses.ICEBERG_PATH));
    }

    private static String newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
