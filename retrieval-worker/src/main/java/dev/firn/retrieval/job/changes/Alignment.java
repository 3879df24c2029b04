package dev.firn.retrieval.job.changes;

import dev.firn.engine.Column;
import java.util.List;

/// Tells which row of the previous result is which row of the new one. Rows come in order. For one thread.
public interface Alignment {
    /// A row that the previous result does not have.
    long ADDED = -1;

    /// For each of the next `count` rows, the number of the same row in the previous result, or [#ADDED]. Numbers
    /// ascend.
    ///
    /// @param spine the columns of the spine, with `count` rows
    /// @param removed takes the rows of the previous result that the new one does not have
    long[] next(List<Column> spine, int count, Removed removed);

    /// Ends the rows.
    ///
    /// @throws dev.firn.retrieval.job.refresh.UnusableState if the results do not have the same spine
    void end(Removed removed);

    /// Takes rows that are gone.
    interface Removed {
        /// @param spine columns of the spine
        /// @param rows which of their rows are gone
        /// @param numbers their numbers in the previous result
        void accept(List<Column> spine, int[] rows, long[] numbers);
    }
}
