package dev.firn.engine;

/// A pass over the entities found more than it may hold: start again with more passes.
public final class TooManyEntitiesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int passes;

    TooManyEntitiesException(int maxEntities, int pass, int passes) {
        super("pass %d of %d has more than %d entities".formatted(pass, passes, maxEntities));
        this.passes = passes;
    }

    /// The passes that were too few.
    public int passes() {
        return passes;
    }
}
