package dev.firn.lake;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A definite no: the same request gets it again until somebody changes the request or the lake.
public final class LakeRejection extends LakeException {
    private final @Nullable String suggestion;

    public LakeRejection(LakeCode code, String message) {
        this(code, message, null, null);
    }

    public LakeRejection(LakeCode code, String message, @Nullable String suggestion) {
        this(code, message, suggestion, null);
    }

    public LakeRejection(LakeCode code, String message, @Nullable String suggestion, @Nullable Throwable cause) {
        super(code, message, cause);
        this.suggestion = suggestion;
    }

    /// The nearest name that would be right, for a misspelt one.
    public Optional<String> suggestion() {
        return Optional.ofNullable(suggestion);
    }
}
