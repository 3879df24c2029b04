package dev.firn.service.result;

import dev.firn.schemas.Ids;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Which results of standing retrievals nobody starts from any more.
///
/// A run names the one that it starts from: the last successful one when it was issued. The record of the standing
/// retrieval never goes back behind that, and no later run starts from an earlier one. So once a run was decided long
/// ago, everything is replaced that is older than what it started from. What it started from is kept, as the record may
/// still name it: the run may have failed, or its answer may not have counted.
///
/// "Older" means a smaller number and an earlier decision. A deployment that lost its topics counts runs from 1
/// again, so a number alone does not tell.
final class ReplacedRuns {
    private final Map<String, Start> starts = new HashMap<>();

    /// What the run started from that was decided last of those that were decided long ago.
    ///
    /// @param number of the run that it started from
    /// @param decided when the run itself was decided
    private record Start(long number, Instant decided) {}

    /// Takes note of a run that was decided long ago.
    ///
    /// @param previousRun what it started from; null if that was nothing
    void add(String run, @Nullable String previousRun, Instant decided) {
        Optional<String> standing = Ids.standingIdOfRun(run);
        if (previousRun == null || standing.isEmpty() || !standing.equals(Ids.standingIdOfRun(previousRun))) {
            return;
        }
        OptionalLong number = Ids.runNumber(previousRun);
        if (number.isPresent()) {
            starts.merge(
                    standing.get(),
                    new Start(number.getAsLong(), decided),
                    (one, other) -> one.decided().isAfter(other.decided()) ? one : other);
        }
    }

    /// Whether nobody starts from the run any more.
    ///
    /// @param decided when the run was decided
    boolean contains(String run, Instant decided) {
        Start start = Ids.standingIdOfRun(run).map(starts::get).orElse(null);
        OptionalLong number = Ids.runNumber(run);
        return start != null
                && number.isPresent()
                && number.getAsLong() < start.number()
                && decided.isBefore(start.decided());
    }
}
