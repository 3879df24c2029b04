package dev.firn.schemas;

/// What a topic's broker does with old records.
public enum Cleanup {
    /// Records go when their time is over.
    DELETE("delete"),
    /// The last record of each key stays for ever.
    COMPACT("compact");

    private final String policy;

    Cleanup(String policy) {
        this.policy = policy;
    }

    /// The value of Kafka's `cleanup.policy`.
    public String policy() {
        return policy;
    }
}
