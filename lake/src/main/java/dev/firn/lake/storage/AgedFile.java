package dev.firn.lake.storage;

import java.time.Instant;

/// A file and when it was written last, by the clock of its store.
public record AgedFile(String location, Instant modified) {}
