package dev.firn.schemas;

import java.util.Objects;

/// What bytes turned out to be. A registry that cannot be asked is neither: that is thrown.
public sealed interface Decoded<T> {
    /// An event.
    record Value<T>(T event) implements Decoded<T> {
        public Value {
            Objects.requireNonNull(event, "event");
        }
    }

    /// No event, for good.
    ///
    /// @param code what is wrong, for programs
    /// @param reason what is wrong, for people; short, without any of the bytes' content
    record Undecodable<T>(UndecodableCode code, String reason) implements Decoded<T> {}
}
