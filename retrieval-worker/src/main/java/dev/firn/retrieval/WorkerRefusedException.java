package dev.firn.retrieval;

/// This worker must not work here. Says why, with a stable code.
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
