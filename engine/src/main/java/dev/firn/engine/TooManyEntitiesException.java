package dev.firn.engine;

/// A pass of an [EntityCollector] found more entities than it may hold: start over with more passes.
public final class TooManyEntitiesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int passes;

    TooManyEntitiesException(int maxEntities, int pass, int passes) {
        super("pass %d of %d has more than %d entities".formatted(pass, passes, maxEntities));
        this.passes = passes;
    }

    /// The number of passes that turned out to be too few.
    public int passes() {
        return passes;
    }
}
