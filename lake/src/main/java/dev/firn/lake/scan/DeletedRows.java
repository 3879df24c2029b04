package dev.firn.lake.scan;

import dev.firn.lake.scan.DeletedValues.OfWords;
import java.util.List;
import org.apache.iceberg.types.Type;

/// The distinct rows that a scope's equality deletes name, each with the last commit that named it.
///
/// Open-addressing hash tables over primitive arrays, at most half full, behind a [HashFilter]: of the rows that
/// were never deleted all but one in 60 are told by one memory access. Rows are looked up in batches, phase by
/// phase, so that these accesses overlap. Memory is asked for before it is taken.
///
/// Commits are ranks in the ascending order of their sequence numbers. Filled under a lock in any order, then
/// sealed and read by many threads.
sealed interface DeletedRows permits DeletedWords, DeletedTuples {
    static DeletedRows of(List<Type> types, DeleteMemory memory) {
        return types.size() == 1 && DeletedValues.of(types.getFirst(), memory) instanceof OfWords
                ? new DeletedWords(memory)
                : new DeletedTuples(types, memory);
    }

    /// Room for so many rows, which spares growing step by step.
    void expect(long rows);

    /// Adds the first `count` of the wanted rows.
    void add(ComparedRows rows, int[] wanted, int count, int rank);

    /// No row is added from now on.
    void seal();

    /// Marks those of the rows that a commit after the given one deleted.
    void mark(ComparedRows rows, int rank, boolean[] deleted);
}
