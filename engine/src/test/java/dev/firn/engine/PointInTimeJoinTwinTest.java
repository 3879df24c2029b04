package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random joins compared with an oracle that looks at every pair of rows. A failure names its seed: `-Dfirn.seed=N`
/// starts with that seed, and `-Dfirn.cases=N` sets how many cases run.
class PointInTimeJoinTwinTest {
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());
    private static final int CASES = Integer.getInteger("firn.cases", 600);

    @Test
    void agreesWithTheOracle() {
        for (long seed = SEED; seed < SEED + CASES; seed++) {
            Random random = new Random(seed);
            Scenario scenario = new RandomScenarios(random).next();
            Winners winners = scenario.join(
                    scenario.batches(random, random.nextBoolean() ? 5 : 5000), random.nextInt(3) == 0 ? 3 : 1);
            assertThat(Scenario.decisions(winners))
                    .as("-Dfirn.seed=%d, %s", seed, scenario)
                    .isEqualTo(scenario.oracleDecisions());
            assertThat(winners.rowsProbed())
                    .as("-Dfirn.seed=%d", seed)
                    .isEqualTo(scenario.features().size());
        }
    }

    @Test
    void severalThreadsOnOneHotGroupAgreeWithOneThread() {
        for (long seed = SEED; seed < SEED + 5; seed++) {
            Random random = new Random(seed);
            Scenario scenario = HotGroup.of(random, 500, 40_000);
            assertThat(Scenario.decisions(scenario.join(scenario.batches(random, 700), 4)))
                    .as("-Dfirn.seed=%d", seed)
                    .isEqualTo(Scenario.decisions(scenario.join(scenario.batches(random, 3000), 1)));
        }
    }
}
