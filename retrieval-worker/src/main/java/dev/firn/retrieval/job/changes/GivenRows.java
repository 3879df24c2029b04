package dev.firn.retrieval.job.changes;

import dev.firn.engine.Column;
import dev.firn.retrieval.job.refresh.UnusableState;
import java.util.List;

/// Rows that the request gives: those of the previous result come first, in the same order. Others may follow.
public final class GivenRows implements Alignment {
    private final long before;
    private long next;

    /// @param before the number of rows of the previous result
    public GivenRows(long before) {
        this.before = before;
    }

    @Override
    public long[] next(List<Column> spine, int count, Removed removed) {
        long[] then = new long[count];
        for (int i = 0; i < count; i++) {
            then[i] = next < before ? next : ADDED;
            next++;
        }
        return then;
    }

    @Override
    public void end(Removed removed) {
        if (next < before) {
            throw new UnusableState("its rows changed");
        }
    }
}
