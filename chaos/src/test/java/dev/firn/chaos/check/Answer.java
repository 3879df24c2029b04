package dev.firn.chaos.check;

/// An answer as it was read from its topic.
///
/// @param key what answers are ordered by, such as the view
/// @param content everything that two answers to one request must have in common
/// @param version of the view that the request made; 0 for none
public record Answer(String id, String key, String content, int version, int partition, long offset) {}
