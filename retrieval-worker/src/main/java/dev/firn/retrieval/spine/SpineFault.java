package dev.firn.retrieval.spine;

import dev.firn.schemas.Code;
import org.jspecify.annotations.Nullable;

/// A spine cannot be used as it is, because of the user's mistake. Has a stable code and coordinates.
public final class SpineFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final String field;

    public SpineFault(Code code, String field, String message) {
        this(code, field, message, null);
    }

    public SpineFault(Code code, String field, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.field = field;
    }

    public Code code() {
        return code;
    }

    /// Path into the request.
    public String field() {
        return field;
    }
}
