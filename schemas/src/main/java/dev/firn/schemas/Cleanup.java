package dev.firn.schemas;

/// What a topic's broker does with old records.
public enum Cleanup {
    /// Deletes records when their retention is over.
    DELETE("delete"),
    /// Keeps the last record of each key forever.
    COMPACT("compact");

    private final String policy;

    Cleanup(String policy) {
        this.policy = policy;
    }

    /// The value for Kafka's `cleanup.policy`.
    public String policy() {
        return policy;
    }
}
