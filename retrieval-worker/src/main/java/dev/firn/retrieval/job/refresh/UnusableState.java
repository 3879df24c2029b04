package dev.firn.retrieval.job.refresh;

/// Why a run, or a view of it, cannot start from what the previous run left. It then runs in full: this is never an
/// error. The message completes "in full, because …".
public final class UnusableState extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnusableState(String why) {
        super(why);
    }

    public UnusableState(String why, Throwable cause) {
        super(why, cause);
    }
}
