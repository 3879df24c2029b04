package dev.firn.gateway.problem;

import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import java.util.List;

/// Ends a call with a [Problem].
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public Refusal(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /// A refusal with the status that the code usually has.
    public static Refusal of(Code code, String detail) {
        return new Refusal(new Problem(Problem.status(code), code, detail, List.of()));
    }

    /// A refusal of a body, with everything that is wrong with it.
    public static Refusal of(List<Violation> violations, String detail) {
        return new Refusal(Problem.of(violations, detail));
    }

    public Problem problem() {
        return problem;
    }
}
