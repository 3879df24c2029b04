package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.testkit.CacheFate;
import dev.firn.testkit.oracle.BruteForceJoin;
import dev.firn.testkit.oracle.BruteForceJoin.Created;
import dev.firn.testkit.oracle.SpineRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole retrievals over random tables, with several views and any memory, against a brute-force join that does not
/// know about files. `-Dfirn.shapes` sets the number of seeds.
final class ShapesTest {
    private static final int SPINE_ROWS = 120;
    /// Enough for one slice; for a few slices; for hardly more than one row per slice.
    private static final long MIN_BUDGET = 3_000;
    private static final long[] BUDGETS = {256L << 20, 40_000, MIN_BUDGET};
    private static final int FEW_ROWS = 8;
    /// Requests per table.
    private static final int REQUESTS = 3;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("firn.shapes", 40));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithTheBruteForceJoin(long seed, @TempDir Path folder) {
        Random random = new Random(seed);
        try (LakeFixture lake =
                seed % 5 == 0 ? new LakeFixture(folder, 0, CacheFate.of(seed / 5)) : new LakeFixture(folder)) {
            RandomShape shape = new RandomShape(lake, random);
            for (int request = 0; request < REQUESTS; request++) {
                agrees(lake, shape, random, "seed %d, request %d: %s".formatted(seed, request, shape));
            }
        }
    }

    private static void agrees(LakeFixture lake, RandomShape shape, Random random, String description) {
        List<SpineRow> rows = new ArrayList<>();
        // equality deletes need their part of the budget at once, however small the slices
        long budget = BUDGETS[random.nextInt(shape.hasEqualityDeletes() ? BUDGETS.length - 1 : BUDGETS.length)];
        Spine spine = shape.spine(1 + random.nextInt(budget == MIN_BUDGET ? FEW_ROWS : SPINE_ROWS), rows);
        Created created = random.nextInt(3) == 0 ? Created.FILTERS : Created.BREAKS_TIES;
        List<BruteForceJoin> oracles = new ArrayList<>();
        List<String> asked = new ArrayList<>();
        for (int v = 0; v < 1 + random.nextInt(3); v++) {
            long ttl =
                    switch (random.nextInt(3)) {
                        case 0 -> 0;
                        case 1 -> 1 + random.nextInt(2_000_000);
                        default -> 86_400_000_000L;
                    };
            long availableAfter = random.nextInt(3) == 0 ? random.nextInt(3_000_000) : 0;
            lake.register(lake.viewOf("v" + v, shape.table(), shape.keyNames(), List.of("value", "text"))
                    .setTtlMicros(ttl)
                    .setAvailableAfterMicros(availableAfter));
            oracles.add(new BruteForceJoin(ttl, availableAfter, created));
            asked.add("v" + v + ":value");
            asked.add("v" + v + ":text");
        }
        ResultTable result = lake.withBudget(budget)
                .retrieve(request(spine, asked.toArray(String[]::new))
                        .setFullFeatureNames(true)
                        .setFilterByCreated(created == Created.FILTERS));
        for (int v = 0; v < oracles.size(); v++) {
            List<String> expected = oracles.get(v).join(rows, shape.features()).stream()
                    .map(match ->
                            match.isFound() ? RandomShape.value(shape.features().get(match.featureRow())) : "null")
                    .toList();
            assertThat(result.column("v" + v + "__value"))
                    .as("%s, %s, budget %d", description, oracles.get(v), budget)
                    .isEqualTo(expected);
        }
    }
}
