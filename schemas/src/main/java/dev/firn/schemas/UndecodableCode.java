package dev.firn.schemas;

/// Why bytes are not an event. Each is a [Code] of the same name.
public enum UndecodableCode {
    /// The record has no value (a tombstone).
    NO_VALUE,
    /// Shorter than the five bytes of the wire format's header.
    TOO_SHORT,
    /// Longer than any event may be.
    TOO_LARGE,
    /// The first byte is not the wire format's zero.
    NOT_MAGIC,
    /// The schema id is in a header instead of in front of the value.
    SCHEMA_ID_IN_HEADER,
    /// The registry has no schema of that id.
    UNKNOWN_SCHEMA_ID,
    /// The registry kept refusing the schema of that id while it served others.
    UNSERVED_SCHEMA_ID,
    /// The schema of that id is not a record of the expected name.
    ANOTHER_EVENT,
    /// The writer's schema is not compatible with this version's.
    INCOMPATIBLE_SCHEMA,
    /// The bytes do not follow their schema.
    MALFORMED
}
