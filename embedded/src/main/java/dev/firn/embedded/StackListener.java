package dev.firn.embedded;

import java.time.Duration;

/// Hears what happens to the parts of a stack, as far as it wants. Called on the threads that watch them.
public interface StackListener {
    /// A part that was started for the first time is ready.
    default void isReady(Part part, Duration after) {}

    /// A part that was started is still not ready. Called at intervals.
    ///
    /// @param why what its probe says
    default void isWaitedFor(Part part, String why) {}

    /// A part exited without having been stopped. It is started again after the pause.
    default void exited(Part part, int exitCode, Duration pause) {}

    /// A part that was started again is ready.
    default void isBack(Part part) {}
}
