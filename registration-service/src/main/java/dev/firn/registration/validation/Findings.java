package dev.firn.registration.validation;

import dev.firn.events.Violation;
import org.jspecify.annotations.Nullable;

/// Creates violations and warnings.
public final class Findings {
    private Findings() {}

    public static Violation of(String code, String field, String message) {
        return finding(code, field, message, null, false);
    }

    /// A misspelt name; `suggestion` is the nearest valid one, null if none is near.
    public static Violation misspelt(String code, String field, String message, @Nullable String suggestion) {
        String full = suggestion == null ? message : message + "; did you mean '" + suggestion + "'?";
        return finding(code, field, full, suggestion, false);
    }

    /// A warning that rests on a bounded sample.
    static Violation sampled(String code, String field, String message) {
        return finding(code, field, message, null, true);
    }

    private static Violation finding(
            String code, String field, String message, @Nullable String suggestion, boolean sampled) {
        return Violation.newBuilder()
                .setCode(code)
                .setField(field)
                .setMessage(message)
                .setSuggestion(suggestion)
                .setSampled(sampled)
                .build();
    }
}
