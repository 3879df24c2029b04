package dev.firn.lake;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A definite rejection: the same request fails again until the request or the lake changes.
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

    /// The closest existing name, if a name was misspelt.
    public Optional<String> suggestion() {
        return Optional.ofNullable(suggestion);
    }
}
