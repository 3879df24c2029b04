package dev.firn.retrieval.answer;

import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.outcome.ResultStore.Attempt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tries of one attempt, each in a folder of its own. For one thread.
final class Tries {
    private static final Logger log = LoggerFactory.getLogger(Tries.class);

    private final ResultStore results;
    private final Attempt attempt;
    private String folder = "";

    Tries(ResultStore results, Attempt attempt) {
        this.results = results;
        this.attempt = attempt;
    }

    Attempt attempt() {
        return attempt;
    }

    /// The folder of the next try. Deletes the files of the try before.
    String next() {
        if (folder.isEmpty()) {
            folder = results.firstFolder(attempt);
        } else {
            clear();
            folder = results.newFolder(attempt);
        }
        return folder;
    }

    /// The folder of the current try; empty before the first.
    String folder() {
        return folder;
    }

    /// Deletes the files of the current try.
    void clear() {
        if (!folder.isEmpty()) {
            cleanUp(() -> results.clear(folder));
        }
    }

    /// Notes that the attempt does not count, and deletes its files.
    void withdraw() {
        cleanUp(() -> results.withdraw(attempt));
        clear();
    }

    /// Notes that the attempt does not count, and keeps its files: a PUT of the manifest whose response was lost may
    /// have won.
    void withdrawUndecided() {
        cleanUp(() -> results.withdraw(attempt));
    }

    /// Notes that the attempt failed, and deletes its files.
    void fail() {
        cleanUp(() -> results.fail(attempt));
        clear();
    }

    /// What is left over costs money, not correctness: no manifest names it.
    private void cleanUp(Runnable cleaning) {
        try {
            cleaning.run();
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("requestId", attempt.requestId())
                    .addKeyValue("folder", folder)
                    .addKeyValue("fault", e.getMessage())
                    .log("An attempt could not be cleaned up");
        }
    }
}
