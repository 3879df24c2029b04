package dev.firn.lake.storage;

/// The outcome of creating a file if it is absent.
public enum PutOutcome {
    /// This writer created the file with its content.
    CREATED,
    /// Another file was there already and is unchanged.
    ALREADY_THERE
}
