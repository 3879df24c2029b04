package dev.firn.lake.targets;

/// A Parquet file of a result.
///
/// @param sha256 in lower-case hex
public record ResultPart(String location, long rows, long bytes, String sha256) {}
