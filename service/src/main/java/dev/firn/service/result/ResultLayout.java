package dev.firn.service.result;

import dev.firn.config.FirnConfig;
import dev.firn.schemas.Namespace;

/// Where results are on the object store:
///
/// ```
/// <results>/<namespace>/<request id>/_manifest.json            the outcome, created once
/// <results>/<namespace>/<request id>/<attempt>/_attempt.json   the claim of an attempt
/// <results>/<namespace>/<request id>/<attempt>/…               its Parquet files
/// <results>/<namespace>/_standing/<standing id>/<sha256>.json  stored rows of a standing retrieval
/// <results>/<namespace>/_probe/…                               the proof of atomic PUTs
/// ```
///
/// @param root `<results>/<namespace>`
public record ResultLayout(String root) {
    /// The name of the claim of an attempt, in the attempt's folder.
    public static final String ATTEMPT_FILE = "_attempt.json";

    private static final String MANIFEST_FILE = "_manifest.json";

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

    /// The folder of one attempt.
    ///
    /// @param attempt from 1
    public String attemptFolder(String requestId, int attempt) {
        return requestFolder(requestId) + "/" + attempt;
    }

    /// Where the inline rows of a standing retrieval are stored.
    public String storedRows(String standingId, String sha256) {
        return "%s/_standing/%s/%s.json".formatted(root, standingId, sha256);
    }

    /// The folder in which a worker proves that the store does conditional PUTs atomically.
    public String probeFolder() {
        return root + "/_probe";
    }
}
