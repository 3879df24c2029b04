package dev.firn.lake.storage;

/// What became of a file that is created only if nothing is there.
public enum PutOutcome {
    /// It is there with this content, and it is this writer's.
    CREATED,
    /// Something else was there before; it is untouched.
    ALREADY_THERE
}
