package dev.firn.schemas;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the name that was probably meant: the one with the smallest edit distance (insert, delete, replace, swap
/// of neighbours; ignoring case), if that is at most a third of the longer name. Ties go to the first in natural
/// order.
final class NearestName {
    private static final int MAX_LENGTH = 128;

    private NearestName() {}

    static Optional<String> of(String misspelt, Collection<String> names) {
        if (misspelt.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String wanted = misspelt.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> name.length() <= MAX_LENGTH)
                .map(name -> new Scored(name, distance(wanted, name.toLowerCase(Locale.ROOT))))
                .filter(scored -> scored.distance <= Math.max(1, Math.max(wanted.length(), scored.name.length()) / 3))
                .min(Comparator.comparingInt(Scored::distance).thenComparing(Scored::name))
                .map(Scored::name);
    }

    private record Scored(String name, int distance) {}

    /// Optimal string alignment over three rolling rows.
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
