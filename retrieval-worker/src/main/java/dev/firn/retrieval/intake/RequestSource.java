package dev.firn.retrieval.intake;

import java.time.Duration;

/// A source of requests. The only implementation is a classic consumer group; a share group or a queue would be
/// another.
public interface RequestSource extends AutoCloseable {
    /// Receives the requests.
    interface Taker {
        /// Whether a request of this lane would start at once.
        boolean hasRoom(Lane lane);

        /// Works on the request on another thread. Calls `answered` once, from any thread, when the answer is
        /// announced; never if the request is cancelled.
        void take(TakenRequest request, Runnable answered);

        /// Cancels the request: another worker answers it.
        void cancel(TakenRequest request);

        /// Cancels the request unless it is running at this moment. Returns whether it was cancelled.
        boolean cancelUnlessRunning(TakenRequest request);
    }

    /// Hands out requests until closed.
    void run(Taker taker);

    /// Whether requests reach this worker at the moment.
    boolean isHealthy();

    /// Takes no more requests, and lets [#run] end when those that run have ended, or after `limit`, when it cancels
    /// them. Requests that do not run are cancelled at once. Does not wait; from any thread.
    void drain(Duration limit);

    /// Ends [#run]; from any thread.
    @Override
    void close();
}
