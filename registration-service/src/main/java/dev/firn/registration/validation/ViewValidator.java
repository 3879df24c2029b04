package dev.firn.registration.validation;

import dev.firn.events.RegistrationRequest;

/// Decides whether a registration can be served. Blocks while it asks; thread-safe; bounded in time.
@FunctionalInterface
public interface ViewValidator {
    /// @return the verdict; what is no fault of the request (a part away, a limit of time run into) is
    ///     [Verdict.RetryLater], never an exception
    Verdict validate(RegistrationRequest request);
}
