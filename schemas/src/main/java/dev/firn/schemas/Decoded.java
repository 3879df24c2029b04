package dev.firn.schemas;

import java.util.Objects;

/// The result of decoding bytes. A registry that does not answer is thrown instead, since it says nothing about them.
public sealed interface Decoded<T> {
    /// An event.
    record Value<T>(T event) implements Decoded<T> {
        public Value {
            Objects.requireNonNull(event, "event");
        }
    }

    /// Bytes that are not an event, and never will be.
    ///
    /// @param code what is wrong, for programs
    /// @param reason what is wrong, for people; short, never content
    record Undecodable<T>(UndecodableCode code, String reason) implements Decoded<T> {}
}
