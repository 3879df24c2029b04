package dev.firn.schemas;

/// What is wrong with bytes that are no event.
public enum UndecodableCode {
    /// There is no value (a tombstone).
    NO_VALUE,
    /// Shorter than the five bytes of the wire format's header.
    TOO_SHORT,
    /// Longer than any event may be.
    TOO_LARGE,
    /// The first byte is not the wire format's zero.
    NOT_MAGIC,
    /// The registry says that it has no schema of that id.
    UNKNOWN_SCHEMA_ID,
    /// The registry refused the schema of that id for as long as it is waited for, and served others meanwhile.
    UNSERVED_SCHEMA_ID,
    /// The id names a schema that is not a record of the expected name.
    ANOTHER_EVENT,
    /// The writer's schema cannot be read as ours.
    INCOMPATIBLE_SCHEMA,
    /// The bytes do not follow their schema.
    MALFORMED
}
