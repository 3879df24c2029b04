package dev.firn.registration.view;

/// The row of a standing retrieval that reads a view. Its key says which.
///
/// @param standingId once more, for people who read the topic
public record Subscriber(String standingId) {}
