package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.RefreshKind;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewUse;
import dev.firn.testkit.CacheFate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// After each step of random histories, a run that starts from its predecessor returns what a full run returns.
/// `-Dfirn.seeds=5000 -Dfirn.seed=0` runs that many histories from that one on.
final class RefreshDifferentialTest {
    private static final int HISTORIES = Integer.getInteger("firn.seeds", 10);
    private static final int FIRST = Integer.getInteger("firn.seed", 0);
    private static final int STEPS = 6;

    /// Some rows of a spine fit, so a run has several slices.
    private static final long SMALL_BUDGET = 40_000;

    private final Map<RefreshKind, Integer> kinds = new EnumMap<>(RefreshKind.class);
    private final Map<String, Integer> reasons = new TreeMap<>();
    private final long[] rows = new long[3];

    @Test
    void agreesWithFullRuns(@TempDir Path folder) {
        try (LakeFixture lake = new LakeFixture(folder, 0, CacheFate.DAMAGED)) {
            for (int seed = FIRST; seed < FIRST + HISTORIES; seed++) {
                history(lake, seed);
                if (seed % 100 == 99) {
                    System.out.println("agreed up to seed " + seed);
                }
            }
        }
        System.out.printf(
                "%d histories from seed %d: views %s; rows kept %d, replaced %d, looked up %d; in full because %s%n",
                HISTORIES, FIRST, kinds, rows[0], rows[1], rows[2], reasons);
        assertThat(kinds.getOrDefault(RefreshKind.INCREMENTAL, 0))
                .isGreaterThan(kinds.getOrDefault(RefreshKind.FULL, 0));
    }

    private void history(LakeFixture lake, int seed) {
        Random random = new Random(seed);
        RefreshHistory history = new RefreshHistory(lake, "t" + seed, random);
        boolean filters = random.nextInt(3) == 0;
        SpineHistory spine = new SpineHistory(lake, "p" + seed, random);
        List<ViewUse> uses =
                new ArrayList<>(List.of(Given.use("v" + seed).setAlias("a").build()));
        List<String> features = new ArrayList<>(List.of("a:value", "a:text"));
        RetrievalRequest.Builder request = Given.request(spine.spine(filters), "a:value", "a:text")
                .setFilterByCreated(filters)
                .setIncludeEventTimestamps(random.nextBoolean());
        FeatureView.Builder view = lake.viewOf("v" + seed, history.table(), List.of("id"), List.of("value", "text"))
                .setTtlMicros(random.nextBoolean() ? 0 : 1_000_000L * (1 + random.nextInt(8)))
                .setAvailableAfterMicros(random.nextBoolean() ? 0 : 1_000_000L * random.nextInt(4));
        lake.register(view);
        if (random.nextInt(3) == 0) {
            lake.register(lake.viewOf("w" + seed, history.table(), List.of("id"), List.of("value"))
                    .setTtlMicros(2_000_000L));
            uses.add(Given.use("w" + seed).setAlias("b").build());
            features.add(1, "b:value");
        }
        if (random.nextInt(4) == 0) {
            uses.add(Given.use("v" + seed).setAlias("c").build());
            features.add("c:text");
        }
        List<RefreshHistory> histories = new ArrayList<>(List.of(history));
        if (random.nextInt(4) == 0) {
            RefreshHistory other = new RefreshHistory(lake, "o" + seed, random);
            lake.register(lake.viewOf("o" + seed, other.table(), List.of("id"), List.of("value")));
            uses.add(Given.use("o" + seed).setAlias("d").build());
            features.add("d:value");
            histories.add(other);
        }
        request.setFeatures(features).setFullFeatureNames(uses.size() > 1).setViews(uses);
        RefreshRuns runs = new RefreshRuns(lake, "s" + seed)
                .withRowsPerFile(random.nextBoolean() ? 1_000 : 7)
                .withBudget(random.nextInt(3) == 0 ? SMALL_BUDGET : 64L << 20);
        Instant now = RefreshHistory.START.plusSeconds(RefreshHistory.SECONDS / 2);
        runs.run(request, now);
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
                histories.get(random.nextInt(histories.size())).step();
            }
            spine.step();
            if (random.nextInt(20) == 0) {
                swapColumns(view);
                lake.register(view);
            }
            now = now.plusMillis(500L * random.nextInt(5));
            Completed refreshed = runs.run(request, now);
            Completed full = runs.full(request, now);
            String what =
                    "seed %d, %s, after %s: %s".formatted(seed, request, histories + " " + spine, refreshed.views());
            if (!refreshed.digest().equals(full.digest())) {
                assertThat(ResultTable.read(refreshed).rows())
                        .as(what)
                        .isEqualTo(ResultTable.read(full).rows());
            }
            assertThat(refreshed.digest()).as(what).isEqualTo(full.digest());
            assertThat(refreshed.views().stream().map(RefreshDifferentialTest::found))
                    .as(what)
                    .isEqualTo(full.views().stream()
                            .map(RefreshDifferentialTest::found)
                            .toList());
            refreshed.views().forEach(this::count);
        }
    }

    /// Which column is which feature changes, and nothing else does.
    private static void swapColumns(FeatureView.Builder view) {
        ResolvedColumn one = view.getFeatures().get(0);
        ResolvedColumn other = view.getFeatures().get(1);
        view.setVersion(view.getVersion() + 1)
                .setFeatures(List.of(
                        ResolvedColumn.newBuilder(other).setName(one.getName()).build(),
                        ResolvedColumn.newBuilder(one).setName(other.getName()).build()));
    }

    private static String found(ViewOutcome view) {
        return "%d %d %d %s"
                .formatted(
                        view.getMatched(),
                        view.getUnmatched(),
                        view.getAmbiguous(),
                        new TreeMap<>(view.getAgeQuantilesMicros()));
    }

    private void count(ViewOutcome view) {
        kinds.merge(view.getRefresh(), 1, Integer::sum);
        if (view.getRefresh() == RefreshKind.FULL) {
            reasons.merge(view.getRefreshReason(), 1, Integer::sum);
        }
        rows[0] += view.getRowsKept();
        rows[1] += view.getRowsReplaced();
        rows[2] += view.getRowsLookedUp();
    }
}
