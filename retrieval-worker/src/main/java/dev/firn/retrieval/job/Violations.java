package dev.firn.retrieval.job;

import dev.firn.events.Violation;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong with a request, so that all of it is reported at once.
public final class Violations {
    /// Further violations are dropped: the answer must fit into an event.
    static final int MAX_VIOLATIONS = 200;

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
        if (found.size() < MAX_VIOLATIONS && !found.contains(violation)) {
            found.add(violation);
        }
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
