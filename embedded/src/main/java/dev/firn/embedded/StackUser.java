package dev.firn.embedded;

import java.util.Locale;

/// The users of a secured broker. Each has a password of its own, and no rights until an ACL grants them; only
/// [#ADMIN] may do everything.
public enum StackUser {
    /// Manages ACLs.
    ADMIN,
    /// Creates topics.
    DEPLOYER,
    /// Sends requests.
    PRODUCER,
    /// Reads answers.
    CONSUMER,
    /// Looks after a deployment.
    OPERATOR,
    /// The registration service.
    REGISTRATION_SERVICE,
    /// The retrieval workers.
    RETRIEVAL_WORKER,
    /// The gateway.
    GATEWAY,
    /// A program or person that sends requests and reads answers.
    CLIENT;

    /// Its name at the broker: `retrieval-worker`.
    public String userName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// As ACLs and messages name it: `User:retrieval-worker`.
    public String principal() {
        return "User:" + userName();
    }
}
