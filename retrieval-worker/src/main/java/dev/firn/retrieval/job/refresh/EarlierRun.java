package dev.firn.retrieval.job.refresh;

import dev.firn.events.Pins;
import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.storage.Location;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.RunState;
import java.util.List;

/// The previous successful run, as its manifest describes it: its pins, its result and its state.
public record EarlierRun(Pins pins, RetrievalResult result, RunState state) {
    /// Reads the manifest.
    ///
    /// @param root the folder of this deployment's results
    /// @throws UnusableState if it leaves nothing that a run of this definition can start from
    public static EarlierRun read(Storage storage, String root, PreviousRun previous, String definition) {
        Manifest manifest = manifest(storage, root, previous);
        Pins pins = manifest.pins();
        RunState state = manifest.state();
        if (pins == null || state == null) {
            throw new UnusableState("it left no state");
        }
        if (state.format() != StateFile.FORMAT) {
            throw new UnusableState(
                    "its state has format %d instead of %d".formatted(state.format(), StateFile.FORMAT));
        }
        if (!state.definition().equals(definition)) {
            throw new UnusableState("the definition changed: the request, a view, a column's type or a name mapping");
        }
        if (state.rows() != manifest.result().getRows()) {
            throw new UnusableState("its state and its result have different numbers of rows");
        }
        return new EarlierRun(pins, manifest.result(), state);
    }

    /// The manifest of a run that succeeded.
    ///
    /// @param root the folder of this deployment's results
    /// @throws UnusableState if it is elsewhere, or that of something else
    public static Manifest manifest(Storage storage, String root, PreviousRun previous) {
        Location location = Location.parse(previous.getManifestLocation());
        if (!location.isUnder(Location.parse(root))) {
            throw new UnusableState("its manifest is not below the results of this deployment");
        }
        Manifest manifest = Manifest.parse(storage.read(location.toString(), Manifest.MAX_BYTES), location.toString());
        if (manifest.result().getStatus() != RetrievalStatus.SUCCEEDED
                || !manifest.result().getRequestId().equals(previous.getRequestId())) {
            throw new UnusableState("its manifest is that of another request, or of a failed run");
        }
        return manifest;
    }

    /// The files of the result, in order.
    public List<StoredColumns.File> files() {
        return files(result);
    }

    /// The files of a result, in order.
    public static List<StoredColumns.File> files(RetrievalResult result) {
        return result.getFiles().stream()
                .map(file -> new StoredColumns.File(file.getLocation(), file.getRows(), file.getBytes()))
                .toList();
    }
}
