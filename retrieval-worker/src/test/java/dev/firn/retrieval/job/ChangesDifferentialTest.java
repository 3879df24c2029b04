package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.ChangesKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// In random histories, a consumer that follows the changes of each run has the whole result, whatever the spine and
/// however the run found its rows. [RefreshRuns] follows all runs, so [RefreshDifferentialTest] shows the same for the
/// spines that give their rows. `-Dfirn.seeds=1000 -Dfirn.seed=0` runs that many histories from that one on.
final class ChangesDifferentialTest {
    private static final int HISTORIES = Integer.getInteger("firn.seeds", 6);
    private static final int FIRST = Integer.getInteger("firn.seed", 0);
    private static final int STEPS = 5;

    /// Some rows of a spine fit, so a run has several slices.
    private static final long SMALL_BUDGET = 2L << 20;

    private final Map<ChangesKind, Integer> kinds = new EnumMap<>(ChangesKind.class);

    @Test
    void whoFollowsTheChangesHasTheResult(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder)) {
            for (int seed = FIRST; seed < FIRST + HISTORIES; seed++) {
                history(lake, seed);
            }
        }
        System.out.printf("%d histories from seed %d: %s%n", HISTORIES, FIRST, kinds);
        assertThat(kinds.get(ChangesKind.DELTA)).isGreaterThan(kinds.get(ChangesKind.RESET));
    }

    private void history(LakeFixture lake, int seed) {
        Random random = new Random(seed);
        RefreshHistory history = new RefreshHistory(lake, "t" + seed, random);
        lake.register(lake.viewOf("v" + seed, history.table(), List.of("id"), List.of("value", "text"))
                .setTtlMicros(random.nextBoolean() ? 0 : 1_000_000L * (1 + random.nextInt(8))));
        Table rows = lake.table("rows" + seed, "id long, event_timestamp timestamptz, label string");
        append(lake, rows, random);
        Spine spine =
                switch (seed % 3) {
                    case 0 -> Given.all();
                    case 1 -> Spine.newBuilder().setKind(SpineKind.RANGE).build();
                    default -> Given.table("iceberg.gold.rows" + seed);
                };
        RetrievalRequest.Builder request = Given.request(spine, "v" + seed + ":value", "v" + seed + ":text")
                .setIncludeEventTimestamps(random.nextBoolean());
        RefreshRuns runs = new RefreshRuns(lake, "s" + seed)
                .with(new Refresh.Settings(random.nextBoolean(), 1_000, lake.results() + "/test"))
                .withRowsPerFile(random.nextBoolean() ? 1_000 : 3)
                .withBudget(random.nextInt(3) == 0 ? SMALL_BUDGET : 64L << 20);
        Instant now = RefreshHistory.START.plusSeconds(RefreshHistory.SECONDS / 2);
        runs.run(request, now);
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0, n = random.nextInt(3); i < n; i++) {
                history.step();
            }
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> append(lake, rows, random);
                case 3 -> replace(rows, random);
                default -> {}
            }
            now = now.plusMillis(500L * random.nextInt(5));
            runs.run(request, now);
        }
        runs.changes().kinds().forEach((kind, count) -> kinds.merge(kind, count, Integer::sum));
    }

    private static void append(LakeFixture lake, Table rows, Random random) {
        lake.append(rows, row(random), row(random), row(random));
    }

    /// Another first row, or all rows at once in another order.
    private static void replace(Table rows, Random random) {
        rows.newOverwrite()
                .overwriteByRowFilter(org.apache.iceberg.expressions.Expressions.alwaysTrue())
                .addFile(TableFiles.write(rows, row(random), row(random)))
                .commit();
    }

    private static String row(Random random) {
        return "%d | %s | l%d"
                .formatted(
                        random.nextInt(RefreshHistory.IDS + 1),
                        RefreshHistory.START.plusSeconds(random.nextInt(RefreshHistory.SECONDS)),
                        random.nextInt(100));
    }
}
