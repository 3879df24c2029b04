package dev.firn.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.firn.chaos.sim.SimulatedStore.Flaw;
import dev.firn.schemas.EventClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/// Thousands of histories of the workers' protocol. `-Dfirn.histories=100000` runs more, `-Dfirn.seed=<seed>`
/// begins with the history that failed.
final class SimulationTest {
    private static final int HISTORIES = Integer.getInteger("firn.histories", 3_000);
    private static final int HISTORIES_TO_FIND_A_FLAW = 3_000;
    private static final long FIRST = Long.getLong("firn.seed", new SplittableRandom().nextLong(1L << 40));
    private static final int MAX_SHOWN = 5;

    private static final Logger WORKER_LOG = (Logger) LoggerFactory.getLogger("dev.firn.retrieval");

    @BeforeAll
    static void prepare() {
        EventClasses.trust();
        WORKER_LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        WORKER_LOG.setLevel(null);
    }

    @Test
    void workersGiveEachRequestOneAnswerWhateverHappens() {
        int kills = 0;
        int stops = 0;
        int revocations = 0;
        int storeFaults = 0;
        int succeeded = 0;
        int exhausted = 0;
        int cancelled = 0;
        List<String> problems = new ArrayList<>();
        long begun = System.nanoTime();
        for (long seed = FIRST; seed < FIRST + HISTORIES && problems.size() < MAX_SHOWN; seed++) {
            SimulatedHistory history = new SimulatedHistory(seed, Flaw.NONE);
            for (String problem : history.problems()) {
                problems.add("-Dfirn.seed=%d: %s".formatted(seed, problem));
            }
            kills += history.counts().kills;
            stops += history.counts().stops;
            revocations += history.counts().revocations;
            storeFaults += history.counts().storeFaults;
            succeeded += history.counts().succeeded;
            exhausted += history.counts().exhausted;
            cancelled += history.counts().cancelled;
        }
        System.out.printf(
                "%d histories from seed %d in %d ms: %d kills, %d stops, %d revocations, %d store faults,"
                        + " %d succeeded, %d exhausted, %d cancelled%n",
                HISTORIES,
                FIRST,
                (System.nanoTime() - begun) / 1_000_000,
                kills,
                stops,
                revocations,
                storeFaults,
                succeeded,
                exhausted,
                cancelled);
        assertThat(problems).isEmpty();
        assertThat(List.of(kills, stops, revocations, storeFaults, succeeded, exhausted, cancelled))
                .as("all of it must happen, or nothing was shown")
                .allMatch(count -> count > 0);
    }

    /// A protocol that is broken on purpose, to see that the checks can fail.
    @ParameterizedTest
    @EnumSource(
            value = Flaw.class,
            names = {"MANIFEST_PUT_IS_UNCONDITIONAL", "MANIFEST_PUT_IS_NOT_ATOMIC"})
    void aBrokenStoreIsFound(Flaw flaw) {
        List<String> problems = new ArrayList<>();
        long seed = FIRST;
        while (problems.isEmpty() && seed < FIRST + HISTORIES_TO_FIND_A_FLAW) {
            problems.addAll(new SimulatedHistory(seed++, flaw).problems());
        }
        System.out.printf("%s found after %d histories: %s%n", flaw, seed - FIRST, problems);
        assertThat(problems).isNotEmpty();
    }

    @Test
    void aSeedDecidesTheWholeHistory() {
        for (long seed = FIRST; seed < FIRST + 50; seed++) {
            SimulatedHistory.Counts once = run(seed);
            SimulatedHistory.Counts again = run(seed);
            assertThat(again).as("seed %d", seed).usingRecursiveComparison().isEqualTo(once);
        }
    }

    private static SimulatedHistory.Counts run(long seed) {
        SimulatedHistory history = new SimulatedHistory(seed, Flaw.NONE);
        history.problems();
        return history.counts();
    }
}
