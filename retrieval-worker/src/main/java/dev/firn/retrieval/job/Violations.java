package dev.firn.retrieval.job;

import dev.firn.events.Violation;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong with a request, so that all of it is reported at once.
public final class Violations {
    private final List<Violation> found = new ArrayList<>();

    public void add(Code code, String field, String message) {
        add(code, field, message, null);
    }

    public void add(Code code, String field, String message, @Nullable String suggestion) {
        add(code.violation(field, message, suggestion));
    }

    void add(LakeRejection rejection, String field) {
        add(LakeCodes.violation(rejection, field));
    }

    void addAll(RetrievalRejected rejected) {
        rejected.violations().forEach(this::add);
    }

    private void add(Violation violation) {
        if (!isFull() && !found.contains(violation)) {
            found.add(violation);
        }
    }

    /// Whether further violations are dropped. Nobody needs to look for them then.
    boolean isFull() {
        return found.size() >= Limits.VIOLATIONS;
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new RetrievalRejected(found);
        }
    }
}
