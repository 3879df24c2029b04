package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class NearestNameTest {
    /// The search leaves out what cannot be nearest, and ends a comparison early.
    @Test
    void findsWhatAComparisonWithAllNamesFinds() {
        long seed = Long.getLong("firn.seed", 7);
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            List<String> names = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                names.add(word(random));
            }
            String misspelt = word(random);
            assertThat(NearestName.of(misspelt, names))
                    .as("seed %d, round %d: %s among %s", seed, round, misspelt, names)
                    .isEqualTo(compared(misspelt, names));
        }
    }

    @Test
    void comparesNamesWhoseLowerCaseIsLonger() {
        String capital = "\u0130".repeat(128);
        assertThat(NearestName.of(capital, List.of(capital.substring(1)))).isPresent();
        assertThat(NearestName.of("x".repeat(129), List.of("x".repeat(128)))).isEmpty();
    }

    private static String word(Random random) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(9); i >= 0; i--) {
            word.append("abAB".charAt(random.nextInt(4)));
        }
        return word.toString();
    }

    private static Optional<String> compared(String misspelt, List<String> names) {
        @Nullable String nearest = null;
        int smallest = Integer.MAX_VALUE;
        for (String name :
                names.stream().filter(name -> !name.equals(misspelt)).sorted().toList()) {
            int distance = distance(misspelt.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < smallest && distance <= Math.max(1, Math.max(misspelt.length(), name.length()) / 3)) {
                nearest = name;
                smallest = distance;
            }
        }
        return Optional.ofNullable(nearest);
    }

    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + cost, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
