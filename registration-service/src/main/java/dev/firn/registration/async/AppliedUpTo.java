package dev.firn.registration.async;

/// The position of an input partition, as [InputPosition] keeps it.
///
/// @param offset of the record applied last
/// @param timestampMillis the latest of any applied record
public record AppliedUpTo(long offset, long timestampMillis) {}
