package dev.firn.registration.view;

import dev.firn.events.RegistrationResult;

/// A request id that has its answer, and the fingerprint of the body it came with.
public record AnsweredRequest(String digest, RegistrationResult result) {}
