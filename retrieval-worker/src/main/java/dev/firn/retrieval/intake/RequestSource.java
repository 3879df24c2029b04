package dev.firn.retrieval.intake;

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
    }

    /// Hands out requests until closed.
    void run(Taker taker);

    /// Whether requests reach this worker at the moment.
    boolean isHealthy();

    /// Ends [#run]; from any thread.
    @Override
    void close();
}
