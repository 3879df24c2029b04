package dev.firn.embedded;

import java.time.Duration;

/// Hears what happens to the parts of a running stack. Called on the threads that watch them.
public interface StackListener {
    /// A part exited without having been stopped. It is started again after the pause.
    void exited(Part part, int exitCode, Duration pause);

    /// A part that was started again is ready.
    void isBack(Part part);
}
