package dev.firn.lake.storage;

import java.time.Instant;

/// A file and when it was written last, by the clock of its store; `Instant.MAX` while it is being written.
///
/// @param etag empty if the listing does not give it
public record AgedFile(String location, Instant modified, String etag) {}
