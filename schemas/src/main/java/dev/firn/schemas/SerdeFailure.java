package dev.firn.schemas;

/// Why an event could not be written or read. Two of them are final, one passes:
/// - [SchemaRegistryUnavailableException]: the registry cannot be asked; the bytes may be fine. Try again.
/// - [NotAvroException]: these bytes are not an event; no retry mends them. A dead letter.
/// - [SchemaRefusedException]: the registry does not know, or will not take, the schema to write with.
public sealed interface SerdeFailure
        permits SchemaRegistryUnavailableException, NotAvroException, SchemaRefusedException {
    /// A stable code for programs.
    String code();
}
