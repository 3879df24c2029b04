package dev.firn.lake.targets;

import java.util.Map;
import java.util.Set;

/// A result to commit.
///
/// @param requestId names a folder under the table's location
/// @param number what is committed later for the same owner has a larger one
/// @param result the folder of the result's files: two results never share one
/// @param summary further properties of the snapshot
/// @param madeFrom UUIDs of the target tables that the rows come from
public record TargetRun(
        String requestId, long number, String result, Map<String, String> summary, Set<String> madeFrom) {
    public TargetRun {
        summary = Map.copyOf(summary);
        madeFrom = Set.copyOf(madeFrom);
    }

    /// The last segment of [#result], which no other result has.
    String token() {
        return result.substring(result.lastIndexOf('/') + 1);
    }
}
