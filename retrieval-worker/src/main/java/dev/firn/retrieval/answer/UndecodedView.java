package dev.firn.retrieval.answer;

/// The newest record of a view that a request needs cannot be decoded yet. The request waits outside the slots.
public final class UndecodedView extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param fault why the record cannot be decoded
    public UndecodedView(String view, String fault) {
        super("[view %s] its record cannot be decoded: %s".formatted(view, fault));
    }
}
