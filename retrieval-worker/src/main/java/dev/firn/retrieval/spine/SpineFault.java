package dev.firn.retrieval.spine;

import org.jspecify.annotations.Nullable;

/// A spine cannot be used as it is, because of the user's mistake. Has a stable code and coordinates.
public final class SpineFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What is wrong with the spine.
    public enum Kind {
        SPINE_INCOMPLETE,
        SPINE_UNREADABLE,
        SPINE_VALUE_INVALID,
        SPINE_FILES_DIFFER,
        SPINE_COLUMN_NOT_FOUND,
        SPINE_COLUMN_TYPE,
        SPINE_TOO_LARGE,
        COLUMN_COLLISION,
        INVALID_ZONE
    }

    private final Kind kind;
    private final String field;

    public SpineFault(Kind kind, String field, String message) {
        this(kind, field, message, null);
    }

    public SpineFault(Kind kind, String field, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.field = field;
    }

    public Kind kind() {
        return kind;
    }

    /// Path into the request.
    public String field() {
        return field;
    }
}
