package dev.firn.retrieval.answer;

import org.jspecify.annotations.Nullable;

/// Finds an [OutOfMemoryError] that other exceptions wrap. After one, nothing that the JVM holds can be trusted: any
/// thread may have been cut off anywhere. So it is never handled as the failure of a request; it ends the process.
final class OutOfMemory {
    private static final int MAX_CAUSES = 50;

    private OutOfMemory() {}

    /// @throws OutOfMemoryError if `fault` is one or was caused by one
    static void rethrow(Throwable fault) {
        @Nullable Throwable cause = fault;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof OutOfMemoryError error) {
                throw error;
            }
            cause = cause.getCause();
        }
    }
}
