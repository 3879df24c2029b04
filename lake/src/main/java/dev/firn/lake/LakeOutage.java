package dev.firn.lake;

import org.jspecify.annotations.Nullable;

/// A catalog or store is unavailable: nothing is known about the table or file, and the caller may retry.
public final class LakeOutage extends LakeException {
    public LakeOutage(LakeCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
