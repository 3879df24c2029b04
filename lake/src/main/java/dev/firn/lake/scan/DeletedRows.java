package dev.firn.lake.scan;

import dev.firn.lake.scan.DeletedValues.OfWords;
import java.util.List;
import org.apache.iceberg.types.Type;

/// The distinct rows that the equality deletes of a scope contain, each with the last commit that deleted it.
///
/// Open-addressing hash tables over primitive arrays, at most half full, behind a [HashFilter], which recognises all
/// but one in 60 of the rows that were never deleted with one memory access. Rows are looked up in batches, phase by
/// phase, so that these accesses overlap. Memory is reserved before it is allocated.
///
/// A commit is represented by its rank in ascending order of sequence numbers. Filled under a lock in any order, then
/// sealed and read by many threads.
sealed interface DeletedRows permits DeletedWords, DeletedTuples {
    static DeletedRows of(List<Type> types, DeleteMemory memory) {
        return types.size() == 1 && DeletedValues.of(types.getFirst(), memory) instanceof OfWords
                ? new DeletedWords(memory)
                : new DeletedTuples(types, memory);
    }

    /// Reserves space for the expected rows, to avoid growing step by step.
    void expect(long rows);

    /// Adds the first `count` of the wanted rows.
    void add(ComparedRows rows, int[] wanted, int count, int rank);

    /// Ends the filling; no row may be added afterwards.
    void seal();

    /// Marks the rows that a commit after `rank` deleted.
    void mark(ComparedRows rows, int rank, boolean[] deleted);
}
