package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.events.ResultColumn;
import dev.firn.events.RunChanges;
import dev.firn.events.ViewOutcome;
import dev.firn.events.Violation;
import dev.firn.service.result.RunState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A retrieval whose files are all written.
///
/// @param folder the folder of the files
/// @param digest of the content
/// @param warnings what is allowed but probably not meant
/// @param state what the next run of the standing retrieval starts from; null for other runs
/// @param changes what it changed; null for other runs
/// @param madeFrom UUIDs of the target tables that the rows come from; only of a run with a target
/// @param pins what a later request needs to get the same rows
public record Completed(
        String folder,
        List<ResultColumn> columns,
        List<ResultFiles.File> files,
        long rows,
        String digest,
        List<ViewOutcome> views,
        List<Violation> warnings,
        Pins pins,
        Map<String, Long> stageMillis,
        @Nullable RunState state,
        @Nullable RunChanges changes,
        Set<String> madeFrom) {
    public Completed {
        columns = List.copyOf(columns);
        files = List.copyOf(files);
        views = List.copyOf(views);
        warnings = List.copyOf(warnings);
        stageMillis = Map.copyOf(stageMillis);
        madeFrom = Set.copyOf(madeFrom);
    }

    /// Of a request that leaves no state.
    public Completed(
            String folder,
            List<ResultColumn> columns,
            List<ResultFiles.File> files,
            long rows,
            String digest,
            List<ViewOutcome> views,
            List<Violation> warnings,
            Pins pins,
            Map<String, Long> stageMillis) {
        this(folder, columns, files, rows, digest, views, warnings, pins, stageMillis, null, null, Set.of());
    }
}
