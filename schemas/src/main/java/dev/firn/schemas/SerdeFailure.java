package dev.firn.schemas;

/// Why an event could not be written or read:
/// - [SchemaRegistryUnavailableException]: the registry does not answer; the bytes may be fine. Try again.
/// - [NotAvroException]: the bytes are not an event, and a retry does not help. A dead letter.
/// - [SchemaRefusedException]: the registry does not have, or refuses, the schema to write with. An operator must act.
public sealed interface SerdeFailure
        permits SchemaRegistryUnavailableException, NotAvroException, SchemaRefusedException {
    /// The stable code, for programs.
    Code code();
}
