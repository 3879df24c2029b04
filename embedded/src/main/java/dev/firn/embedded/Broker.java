package dev.firn.embedded;

/// Which broker a stack uses.
public sealed interface Broker {
    /// A single KRaft node as a child process.
    record Embedded() implements Broker {}

    /// One that somebody else runs, such as a container.
    record At(String bootstrapServers) implements Broker {
        public At {
            if (bootstrapServers.isBlank()) {
                throw new IllegalArgumentException("bootstrapServers is blank");
            }
        }
    }
}
