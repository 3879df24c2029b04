package dev.firn.lake.catalog;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds the name that was probably meant: the one with the smallest edit distance (insert, delete, replace, swap
/// neighbours; case-insensitive), if that is at most a third of the longer name. Ties go to the first name in natural
/// order. Names longer than [#MAX_LENGTH] are neither found nor looked for.
///
/// Immutable. Prepare one for candidates that are searched more than once.
public final class NearestName {
    private static final int MAX_LENGTH = 128;

    private final List<Candidate> candidates;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Candidate(String name, char[] lowerCase) {}

    private NearestName(Collection<String> names) {
        candidates = names.stream()
                .filter(name -> name.length() <= MAX_LENGTH)
                .sorted()
                .map(name -> new Candidate(name, lowerCase(name)))
                .toList();
    }

    public static NearestName among(Collection<String> names) {
        return new NearestName(names);
    }

    public static Optional<String> of(String misspelt, Collection<String> names) {
        return among(names).to(misspelt);
    }

    /// The candidate that is nearest to the misspelt name, and not that name itself.
    public Optional<String> to(String misspelt) {
        if (misspelt.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        char[] wanted = lowerCase(misspelt);
        Rows rows = new Rows();
        Optional<String> nearest = Optional.empty();
        int smallest = Integer.MAX_VALUE;
        for (Candidate candidate : candidates) {
            if (candidate.name().equals(misspelt)) {
                continue;
            }
            char[] name = candidate.lowerCase();
            int allowed = Math.min(smallest - 1, Math.max(1, Math.max(wanted.length, name.length) / 3));
            if (Math.abs(wanted.length - name.length) <= allowed) {
                int distance = rows.distance(wanted, name, allowed);
                if (distance <= allowed) {
                    smallest = distance;
                    nearest = Optional.of(candidate.name());
                }
            }
        }
        return nearest;
    }

    private static char[] lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT).toCharArray();
    }

    /// Optimal string alignment with three rolling rows. Of each row, only the cells that a distance of at most
    /// `allowed` can lead through are computed: those at most that far from the diagonal.
    private static final class Rows {
        // lower case may be longer than the name
        private int[] beforeLast = new int[3 * MAX_LENGTH + 2];
        private int[] last = new int[3 * MAX_LENGTH + 2];
        private int[] row = new int[3 * MAX_LENGTH + 2];

        /// The distance; any number above `allowed` if it is greater than that.
        ///
        /// @param allowed at least the difference of the lengths
        private int distance(char[] a, char[] b, int allowed) {
            for (int j = 0; j <= b.length; j++) {
                last[j] = j;
            }
            int smallestOfLast = 0;
            for (int i = 1; i <= a.length; i++) {
                int from = Math.max(1, i - allowed);
                int to = Math.min(b.length, i + allowed);
                row[from - 1] = from == 1 ? i : allowed + 1;
                int smallest = row[from - 1];
                for (int j = from; j <= to; j++) {
                    int distance = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                    distance = Math.min(distance, Math.min(last[j], row[j - 1]) + 1);
                    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                        distance = Math.min(distance, beforeLast[j - 2] + 1);
                    }
                    row[j] = distance;
                    smallest = Math.min(smallest, distance);
                }
                row[to + 1] = allowed + 1;
                if (smallest > allowed && smallestOfLast > allowed) {
                    return allowed + 1; // every later row follows from these two
                }
                smallestOfLast = smallest;
                int[] spare = beforeLast;
                beforeLast = last;
                last = row;
                row = spare;
            }
            return last[b.length];
        }
    }
}
