package dev.firn.service;

import dev.firn.schemas.Code;

/// The service must not run here, and a restart will not change that: an operator has to.
public final class ServiceRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ServiceRefusedException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /// Why, for programs.
    public Code code() {
        return code;
    }
}
