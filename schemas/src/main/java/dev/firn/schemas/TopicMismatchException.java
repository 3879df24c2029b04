package dev.firn.schemas;

import java.util.List;
import java.util.stream.Collectors;

/// Topics on the cluster are missing or differ. Nothing was created or altered; an operator has to decide.
public final class TopicMismatchException extends RuntimeException {
    private final transient List<TopicMismatch> mismatches;

    TopicMismatchException(List<TopicMismatch> mismatches) {
        super(mismatches.stream().map(TopicMismatch::toString).collect(Collectors.joining("; ")));
        this.mismatches = List.copyOf(mismatches);
    }

    /// All differences of all topics.
    public List<TopicMismatch> mismatches() {
        return mismatches;
    }
}
