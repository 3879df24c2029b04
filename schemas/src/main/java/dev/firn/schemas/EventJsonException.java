package dev.firn.schemas;

import java.util.List;
import java.util.stream.Collectors;

/// A JSON body is not the event that it should be. Has everything that is wrong, not only the first problem.
public final class EventJsonException extends RuntimeException {
    private final transient List<JsonProblem> problems;

    EventJsonException(List<JsonProblem> problems) {
        super(problems.stream().map(JsonProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// Everything that is wrong, in the order of the schema's fields.
    public List<JsonProblem> problems() {
        return problems;
    }
}
