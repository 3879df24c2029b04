package dev.firn.retrieval.job;

import dev.firn.engine.KnownWinners;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/// What the rows of each slice were in the previous run: the first rows of a spine that is given, or some of the
/// entities. For one thread.
final class EarlierRows {
    private final StartingPoint start;
    private final @Nullable RefreshedEntities entities;
    private List<KnownWinners> known = List.of();
    private IntToLongFunction stored = row -> row;

    /// Rows of the previous run in the slices before this one.
    private long before;

    private int inSlice;

    /// @param entities whose rows they are; null if the rows are given
    EarlierRows(StartingPoint start, @Nullable RefreshedEntities entities) {
        this.start = start;
        this.entities = entities;
    }

    /// How many of the first rows of the spine may have been in the previous run.
    long atMost() {
        return entities == null ? start.rows() : Long.MAX_VALUE;
    }

    /// Begins a slice. Returns false if none of its rows was in the previous run.
    boolean begin(int rows) {
        before += inSlice;
        inSlice = 0;
        known = List.of();
        if (entities == null && before >= start.rows()) {
            return false;
        }
        long first = before;
        if (entities == null) {
            stored = row -> first + row;
            inSlice = rows;
            known = start.nextWinners(rows);
            return true;
        }
        int[] places = entities.takeEarlier(rows);
        stored = row -> first + places[row];
        inSlice = Math.toIntExact(
                Arrays.stream(places).filter(place -> place >= 0).count());
        known = start.nextWinners(inSlice).stream()
                .map(winners -> winners.take(places))
                .toList();
        return true;
    }

    /// The winners of the slice's rows in the previous run, of each view; empty if none of them was in it.
    List<KnownWinners> known() {
        return known;
    }

    /// Where a row of the slice is in the previous result, if it had a winner.
    IntToLongFunction stored() {
        return stored;
    }
}
