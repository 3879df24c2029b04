package dev.firn.retrieval.job;

import dev.firn.events.Pins;
import dev.firn.events.ResultColumn;
import dev.firn.events.ViewOutcome;
import dev.firn.events.Violation;
import java.util.List;
import java.util.Map;

/// A retrieval whose files are all written.
///
/// @param folder the folder of the files
/// @param digest of the content
/// @param warnings what is allowed but probably not meant
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
        Map<String, Long> stageMillis) {
    public Completed {
        columns = List.copyOf(columns);
        files = List.copyOf(files);
        views = List.copyOf(views);
        warnings = List.copyOf(warnings);
        stageMillis = Map.copyOf(stageMillis);
    }
}
