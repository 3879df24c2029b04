package dev.firn.lake;

import org.jspecify.annotations.Nullable;

/// What the lake answers instead of data. Either the request can never succeed ([LakeRejection]) or it may when
/// tried again ([LakeOutage]); nothing is both. Messages carry coordinates and never a secret.
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
