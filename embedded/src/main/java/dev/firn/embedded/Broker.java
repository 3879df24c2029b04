package dev.firn.embedded;

/// The broker that a stack uses.
public sealed interface Broker {
    /// A single KRaft node as a child process.
    record Embedded() implements Broker {}

    /// A broker that runs elsewhere, such as in a container.
    record At(String bootstrapServers) implements Broker {
        public At {
            if (bootstrapServers.isBlank()) {
                throw new IllegalArgumentException("bootstrapServers is blank");
            }
        }
    }
}
