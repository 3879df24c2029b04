package dev.firn.engine;

/// Memory could not be reserved: the budget is too small, or too little was released in time.
public final class BudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BudgetExceededException(String message) {
        super(message);
    }
}
