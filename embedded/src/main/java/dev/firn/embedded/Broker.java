package dev.firn.embedded;

/// The broker that a stack uses.
public sealed interface Broker {
    /// A single KRaft node as a child process.
    record Embedded() implements Broker {}

    /// The same node with TLS, passwords and an authorizer: a client is a [StackUser] and may do only what an ACL
    /// allows.
    record Secured() implements Broker {}

    /// A broker that runs elsewhere, such as in a container.
    record At(String bootstrapServers) implements Broker {
        public At {
            if (bootstrapServers.isBlank()) {
                throw new IllegalArgumentException("bootstrapServers is blank");
            }
        }
    }
}
