package dev.firn.retrieval;

/// The worker must not run in this environment. Has a stable code.
final class WorkerRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    WorkerRefusedException(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }
}
