package dev.firn.registration.validation;

import dev.firn.events.Violation;
import java.util.List;

/// What a validation found.
public sealed interface Verdict {
    /// The table can serve the view as `resolution` says.
    record Accepted(Resolution resolution, List<Violation> warnings) implements Verdict {
        public Accepted {
            warnings = List.copyOf(warnings);
        }
    }

    /// The request is at fault; `violations` names everything that is wrong with it.
    record Rejected(List<Violation> violations) implements Verdict {
        public Rejected {
            violations = List.copyOf(violations);
            if (violations.isEmpty()) {
                throw new IllegalArgumentException("a rejection names at least one violation");
            }
        }
    }

    /// Trino or the catalog could not be asked; `reason` is for people.
    record RetryLater(String reason) implements Verdict {}
}
