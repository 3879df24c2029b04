package dev.firn.lake;

import org.jspecify.annotations.Nullable;

/// Thrown when the lake cannot answer with data. A [LakeRejection] fails again until the request or the lake changes;
/// after a [LakeOutage] a retry may succeed. Messages carry coordinates and never a secret.
public abstract sealed class LakeException extends RuntimeException permits LakeRejection, LakeOutage {
    private final LakeCode code;

    LakeException(LakeCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// The stable code, for programs.
    public final String code() {
        return code.name();
    }

    public final LakeCode lakeCode() {
        return code;
    }
}
