package dev.firn.retrieval.intake;

/// Where requests come from. One implementation today, a classic consumer group; another (a share group, a
/// queue) would be another class.
public interface RequestSource extends AutoCloseable {
    /// What takes the requests.
    interface Taker {
        /// Whether a request of this lane, taken now, would be worked on at once.
        boolean hasRoom(Lane lane);

        /// Works on the request on another thread; `answered` is called once its answer is out, from any
        /// thread, or never.
        void take(TakenRequest request, Runnable answered);

        /// The request went elsewhere: it need not be answered from here.
        void cancel(TakenRequest request);
    }

    /// Hands out requests until closed.
    void run(Taker taker);

    /// Whether requests can reach this worker now.
    boolean isHealthy();

    /// Ends [#run]; from any thread.
    @Override
    void close();
}
