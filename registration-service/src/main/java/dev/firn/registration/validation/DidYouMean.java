package dev.firn.registration.validation;

import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import org.jspecify.annotations.Nullable;

/// Violations about names, whose messages end with the nearest valid name.
public final class DidYouMean {
    private DidYouMean() {}

    /// @param suggestion the nearest valid name; null if none is near
    public static Violation violation(Code code, String field, String message, @Nullable String suggestion) {
        boolean isToAppend = suggestion != null && !message.contains("did you mean");
        return code.violation(
                field, isToAppend ? "%s; did you mean '%s'?".formatted(message, suggestion) : message, suggestion);
    }
}
