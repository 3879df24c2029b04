package dev.firn.registration.view;

import dev.firn.events.RegistrationResult;

/// The answer to a request id.
///
/// @param digest of the request's body
public record AnsweredRequest(String digest, RegistrationResult result) {}
