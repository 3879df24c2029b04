package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;

/// Checks a registration against its table. Blocks; thread-safe; bounded in time.
@FunctionalInterface
public interface ViewValidator {
    /// @return [Verdict.RetryLater], not an exception, if something other than the request is at fault, such as a
    ///     neighbour that does not answer in time
    Verdict validate(RegistrationRequest request);
}
