package dev.firn.chaos.check;

/// A request as it was sent.
///
/// @param key what answers are ordered by, such as the view
public record Asked(String id, String key, int partition, long offset) {}
