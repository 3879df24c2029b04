package dev.firn.registration.validation;

import dev.firn.events.Violation;
import java.util.List;

/// The outcome of a validation.
public sealed interface Verdict {
    /// The table has what the view needs.
    record Accepted(Resolution resolution, List<Violation> warnings) implements Verdict {
        public Accepted {
            warnings = List.copyOf(warnings);
        }
    }

    /// The request is at fault; `violations` has everything that is wrong with it.
    record Rejected(List<Violation> violations) implements Verdict {
        public Rejected {
            violations = List.copyOf(violations);
            if (violations.isEmpty()) {
                throw new IllegalArgumentException("a rejection names at least one violation");
            }
        }
    }

    /// Trino or the catalog did not answer; `reason` is for people.
    record RetryLater(String reason) implements Verdict {}
}
