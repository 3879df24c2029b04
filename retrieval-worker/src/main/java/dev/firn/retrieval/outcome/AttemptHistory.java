package dev.firn.retrieval.outcome;

import dev.firn.service.result.AttemptNote;
import dev.firn.service.result.AttemptNote.Kind;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The attempts that a request has had, from the notes about them.
///
/// | the notes of an attempt | it | counts | another attempt must run alone |
/// |---|---|---|---|
/// | withdrawn | was given up, the request moved | no | no |
/// | claimed, failed | failed by itself | yes | no |
/// | claimed | died with its process, beside others, or still runs elsewhere | no | yes |
/// | claimed alone | died with its process, alone in it, or still runs elsewhere | yes | yes |
/// | claimed alone, failed | failed by itself | yes | no |
///
/// See `docs/decisions/0013-attempts-that-die-with-their-process.md`.
///
/// @param lastNumber 0 if there was none
/// @param counted those that count against `firn.retrieval.max-attempts`
/// @param unfinished those that died, or still run elsewhere
public record AttemptHistory(int lastNumber, int counted, int unfinished) {
    static AttemptHistory of(List<AttemptNote> notes) {
        Map<String, Set<Kind>> byToken = new HashMap<>();
        notes.forEach(note -> byToken.computeIfAbsent(note.token(), _ -> EnumSet.noneOf(Kind.class))
                .add(note.kind()));
        int counted = 0;
        int unfinished = 0;
        for (Set<Kind> kinds : byToken.values()) {
            if (!kinds.contains(Kind.WITHDRAWN)) {
                counted += kinds.contains(Kind.FAILED) || kinds.contains(Kind.CLAIM_ALONE) ? 1 : 0;
                unfinished += kinds.contains(Kind.FAILED) ? 0 : 1;
            }
        }
        return new AttemptHistory(
                notes.stream().mapToInt(AttemptNote::attempt).max().orElse(0), counted, unfinished);
    }

    /// Whether an attempt may have killed its process, so that the next one must not run beside others.
    public boolean mustRunAlone() {
        return unfinished > 0;
    }
}
