package dev.firn.lake;

import org.jspecify.annotations.Nullable;

/// A catalog or a store that does not answer: nothing is known about the table or file, and the caller tries
/// again.
public final class LakeOutage extends LakeException {
    public LakeOutage(LakeCode code, String message, @Nullable Throwable cause) {
        super(code, message, cause);
    }
}
