package dev.firn.retrieval.job;

import dev.firn.events.Violation;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import java.util.List;

/// The request cannot be answered as it is, because of the user's mistakes. The answer is `FAILED` and lists all of
/// them. Never retried.
public final class RetrievalRejected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    public RetrievalRejected(List<Violation> violations) {
        super(summary(violations));
        this.violations = List.copyOf(violations);
    }

    public RetrievalRejected(Code code, String field, String message) {
        this(List.of(code.violation(field, message)));
    }

    public static RetrievalRejected of(LakeRejection rejection, String field) {
        return new RetrievalRejected(List.of(LakeCodes.violation(rejection, field)));
    }

    /// Everything that is wrong; at least one violation.
    public List<Violation> violations() {
        return violations;
    }

    private static String summary(List<Violation> violations) {
        Violation first = violations.getFirst();
        String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
        return first.getCode() + ": " + first.getMessage() + more;
    }
}
