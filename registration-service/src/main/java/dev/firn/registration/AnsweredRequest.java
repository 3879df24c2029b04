package dev.firn.registration;

import dev.firn.events.RegistrationResult;

/// A request id that has its answer, and the fingerprint of the body it came with.
record AnsweredRequest(String digest, RegistrationResult result) {}
