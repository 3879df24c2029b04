package dev.firn.engine;

/// A memory budget could not be had: it is too small for what was asked, or nothing was given back in time.
public final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BudgetExceededException(String message) {
        super(message);
    }
}
