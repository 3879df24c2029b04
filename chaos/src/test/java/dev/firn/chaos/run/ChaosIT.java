package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testkit.TestStack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The fault suite. `scripts/gate.sh` says how to run it; the properties are those of [ChaosPlan]. With
/// `firn.chaos.only`, only the scenarios with these class names run, separated by commas.
final class ChaosIT {
    private static final ChaosPlan PLAN = ChaosPlan.fromProperties();
    private static final ChaosReport REPORT = new ChaosReport(PLAN);
    private static final Path FOLDER = Path.of("target");

    static final List<Scenario> SCENARIOS = List.of(
            new StoreFaults(),
            new WorkerKills(),
            new TwoWorkersOnOneId(),
            new WorkerStops(),
            new CancelsWhileKilled(),
            new AttemptsSpent(),
            new RegistrationKills(),
            new TrinoFaults(),
            new PoisonRecords(),
            new HintFaults(),
            new FlippedBytes(),
            new SlowTrino(),
            new WrongClocks(),
            new HostileParquet(),
            new HostileRequests(),
            new CombinedFaults(),
            new Leaks(),
            new BrokerKills());

    private static @Nullable ChaosRun run;

    @BeforeAll
    static void start() {
        System.out.printf("chaos: seed %d, scale %s%n", PLAN.seed(), PLAN.scale());
        run = new ChaosRun(PLAN, TestStack.shared());
    }

    @AfterAll
    static void stop() {
        if (run != null) {
            run.close();
        }
        REPORT.write(FOLDER);
        System.out.println(REPORT.text());
    }

    @TestFactory
    List<DynamicTest> scenarios() {
        List<String> only = Arrays.stream(
                        System.getProperty("firn.chaos.only", "").split(","))
                .filter(name -> !name.isEmpty())
                .toList();
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < SCENARIOS.size(); i++) {
            Scenario scenario = SCENARIOS.get(i);
            boolean wanted = only.isEmpty() || only.contains(scenario.getClass().getSimpleName());
            if (PLAN.runs(i) && wanted) {
                tests.add(DynamicTest.dynamicTest(scenario.fault(), () -> {
                    Outcome outcome = REPORT.run(scenario, Objects.requireNonNull(run));
                    REPORT.write(FOLDER);
                    assertThat(outcome.problems())
                            .as("%s, -Dfirn.seed=%d", scenario.fault(), PLAN.seed())
                            .isEmpty();
                }));
            }
        }
        return tests;
    }
}
