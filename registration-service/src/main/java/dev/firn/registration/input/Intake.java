package dev.firn.registration.input;

import java.util.function.BooleanSupplier;

/// The reading of all inputs.
@FunctionalInterface
public interface Intake {
    /// Reads nothing more until the obstacle is gone. Returns at once. What the stream thread already holds still
    /// comes.
    ///
    /// @param isGone asked again and again, on another thread
    void pauseUntil(BooleanSupplier isGone);
}
