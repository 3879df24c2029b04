package dev.firn.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Free ports on the loopback interface. Prefers those of the folder's previous run.
record Ports(Kafka kafka, int registry, int registryManagement, int s3, int trino) {
    static final String HOST = "127.0.0.1";

    /// @param broker where clients connect
    /// @param internal where a secured broker connects to itself
    /// @param probe where a secured broker says that it is up
    record Kafka(int broker, int controller, int internal, int probe) {}

    /// The range is below the ephemeral ports of Linux and macOS, so an outgoing connection never takes a chosen port.
    private static final int MIN_PORT = 20_000;

    private static final int MAX_PORT = 32_000;
    private static final int MAX_TRIES = 1_000;

    static Ports free(Optional<StackAddresses> previous) {
        Set<Integer> taken = new HashSet<>();
        return new Ports(
                new Kafka(
                        free(taken, previous.map(p -> portOf("kafka://" + p.bootstrapServers()))),
                        free(taken, Optional.empty()),
                        free(taken, Optional.empty()),
                        free(taken, Optional.empty())),
                free(taken, previous.map(p -> portOf(p.schemaRegistryUrl()))),
                free(taken, Optional.empty()),
                free(taken, previous.map(p -> portOf(p.s3Endpoint()))),
                free(taken, previous.map(StackAddresses::trinoPort)));
    }

    private static int portOf(String url) {
        return URI.create(url).getPort();
    }

    private static int free(Set<Integer> taken, Optional<Integer> preferred) {
        if (preferred.isPresent() && isFree(preferred.get()) && taken.add(preferred.get())) {
            return preferred.get();
        }
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < MAX_TRIES; i++) {
            int port = random.nextInt(MIN_PORT, MAX_PORT);
            if (isFree(port) && taken.add(port)) {
                return port;
            }
        }
        throw new StackException(
                StackException.Code.PART_FAILED, "no free port between %d and %d".formatted(MIN_PORT, MAX_PORT));
    }

    private static boolean isFree(int port) {
        if (port <= 0) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
