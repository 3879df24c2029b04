package dev.firn.lake.parquet;

/// A finished file. `sha256` is in lower-case hex.
public record WrittenFile(String location, long rows, long bytes, String sha256) {}
