package dev.firn.service;

import dev.firn.schemas.Code;

/// The service must not run here. A restart does not help; an operator has to act.
public final class ServiceRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ServiceRefusedException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /// The reason, for programs.
    public Code code() {
        return code;
    }
}
