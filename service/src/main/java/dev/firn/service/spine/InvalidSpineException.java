package dev.firn.service.spine;

import dev.firn.schemas.Code;

/// A spine that cannot be decoded: its kind is unknown, or a field that the kind needs is missing. The request is at
/// fault.
public final class InvalidSpineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final String field;

    InvalidSpineException(Code code, String field, String message) {
        super(message);
        this.code = code;
        this.field = field;
    }

    public Code code() {
        return code;
    }

    /// The path of the field in the request.
    public String field() {
        return field;
    }
}
