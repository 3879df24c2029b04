package dev.firn.service.result;

import dev.firn.config.FirnConfig;
import dev.firn.lake.storage.Location;
import dev.firn.schemas.Namespace;
import java.util.Optional;

/// Where results are on the object store:
///
/// ```
/// <results>/<namespace>/<request id>/_manifest.json                     the outcome, created once
/// <results>/<namespace>/<request id>/<attempt>/<token>/part-….parquet   the files of one try, and nothing else
/// <results>/<namespace>/<request id>/<attempt>/_<token>/…               what is noted about it: see AttemptNote
/// <results>/<namespace>/<request id>/<attempt>/_<token>/state.parquet   what the next run starts from: see RunState
/// <results>/<namespace>/<request id>/<attempt>/_<token>/changes/part-…  what a run changed
/// <results>/<namespace>/<request id>/<attempt>/_<token>/target.json     what became of a target: see TargetNote
/// <results>/<namespace>/_sweep/<number>.json                            which worker swept, and when
/// <results>/<namespace>/_probe/…                                        the proof of atomic PUTs
/// ```
///
/// A token is random and never used twice, so no two tries share a folder. A store may apply a PUT or a DELETE long
/// after it failed; it then reaches the folder of a try that was given up, never the files of a result.
///
/// @param root `<results>/<namespace>`, in the form in which stores list locations
public record ResultLayout(String root) {
    static final String PROBE_FOLDER = "_probe";
    static final String SWEEP_FOLDER = "_sweep";
    private static final String CHANGES_FOLDER = "changes";
    private static final String MANIFEST_FILE = "_manifest.json";

    public ResultLayout {
        root = Location.parse(root).toString();
    }

    /// The layout of the configured deployment.
    public static ResultLayout of(FirnConfig config) {
        return new ResultLayout(
                new Namespace(config.namespace()).resultsFolder(config.results().location()));
    }

    /// The folder of everything that belongs to a request.
    public String requestFolder(String requestId) {
        return root + "/" + requestId;
    }

    /// Where the request's outcome is written, whatever it is.
    public String manifest(String requestId) {
        return requestFolder(requestId) + "/" + MANIFEST_FILE;
    }

    /// The folder of the files of one try, which is the location of a result.
    ///
    /// @param attempt from 1
    public String filesFolder(String requestId, int attempt, String token) {
        return requestFolder(requestId) + "/" + attempt + "/" + token;
    }

    /// The folder beside the files of one try, for everything that is not a file of the result.
    public String notesFolder(String requestId, int attempt, String token) {
        return requestFolder(requestId) + "/" + attempt + "/_" + token;
    }

    /// The folder beside the files of one try.
    ///
    /// @param filesFolder as [#filesFolder] names it
    public static String besideOf(String filesFolder) {
        int slash = filesFolder.lastIndexOf('/');
        return filesFolder.substring(0, slash) + "/_" + filesFolder.substring(slash + 1);
    }

    /// The folder of what a try of a run changed, and of nothing else.
    ///
    /// @param filesFolder as [#filesFolder] names it
    public static String changesFolder(String filesFolder) {
        return besideOf(filesFolder) + "/" + CHANGES_FOLDER;
    }

    /// The folder of the files of the try that a state or a file of changes belongs to; empty for other files.
    static Optional<String> tryOf(String location) {
        String folder = folder(location);
        if (folder.endsWith("/" + CHANGES_FOLDER)) {
            folder = folder(folder);
        } else if (!location.endsWith("/" + RunState.FILE)) {
            return Optional.empty();
        }
        String parent = folder(folder);
        return folder.startsWith("/_", parent.length())
                ? Optional.of(parent + "/" + folder.substring(parent.length() + 2))
                : Optional.empty();
    }

    private static String folder(String location) {
        return location.substring(0, Math.max(0, location.lastIndexOf('/')));
    }

    /// The folder in which a worker proves that the store does conditional PUTs atomically.
    public String probeFolder() {
        return root + "/" + PROBE_FOLDER;
    }

    /// The claim of one sweep of the results.
    ///
    /// @param number counts the intervals since 1970
    public String sweepClaim(long number) {
        return "%s/%s/%d.json".formatted(root, SWEEP_FOLDER, number);
    }
}
