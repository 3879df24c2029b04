package dev.firn.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.events.ViewOutcome;
import dev.firn.retrieval.job.Completed;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the last run of an engine in a refresh scenario reports about itself. Its process prints it as one line.
///
/// @param digest of the content
/// @param reason why it ran in full, although it had a previous run
/// @param changedBytes of the data and delete files that came between the two runs; 0 unless incremental
/// @param previousBytes of the previous result and its state; 0 unless incremental
record RefreshFacts(
        String digest,
        String reason,
        long rowsKept,
        long rowsReplaced,
        long rowsLookedUp,
        long changedBytes,
        long previousBytes) {
    private static final String PREFIX = "REFRESH ";
    private static final ObjectMapper JSON = new ObjectMapper();

    static RefreshFacts of(Completed completed) {
        List<ViewOutcome> views = completed.views();
        return new RefreshFacts(
                completed.digest(),
                views.stream().map(ViewOutcome::getRefreshReason).distinct().collect(Collectors.joining("; ")),
                views.stream().mapToLong(ViewOutcome::getRowsKept).sum(),
                views.stream().mapToLong(ViewOutcome::getRowsReplaced).sum(),
                views.stream().mapToLong(ViewOutcome::getRowsLookedUp).sum(),
                0,
                0);
    }

    static RefreshFacts ofCopy(String digest) {
        return new RefreshFacts(digest, "", 0, 0, 0, 0, 0);
    }

    RefreshFacts withPreviousBytes(long bytes) {
        return new RefreshFacts(digest, reason, rowsKept, rowsReplaced, rowsLookedUp, changedBytes, bytes);
    }

    RefreshFacts withChangedBytes(long bytes) {
        return new RefreshFacts(digest, reason, rowsKept, rowsReplaced, rowsLookedUp, bytes, previousBytes);
    }

    String line() {
        try {
            return PREFIX + JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The facts in a line of a process; empty if it is another line.
    static Optional<RefreshFacts> parse(String line) {
        try {
            return line.startsWith(PREFIX)
                    ? Optional.of(JSON.readValue(line.substring(PREFIX.length()), RefreshFacts.class))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
