package dev.firn.registration.hint;

import java.util.Set;

/// What was read in a record.
record Reading(HintOutcome outcome, Set<Hint> hints) {
    static final Reading UNDECODABLE = new Reading(HintOutcome.UNDECODABLE, Set.of());
    static final Reading IGNORED = new Reading(HintOutcome.IGNORED, Set.of());
    static final Reading TOO_LARGE = new Reading(HintOutcome.TOO_LARGE, Set.of());

    Reading {
        hints = Set.copyOf(hints);
    }

    static Reading of(Set<Hint> hints) {
        return hints.isEmpty() ? IGNORED : new Reading(HintOutcome.HEARD, hints);
    }
}
