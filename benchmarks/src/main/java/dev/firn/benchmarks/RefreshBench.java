package dev.firn.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Measures a standing retrieval after a change of its table: in full, from its previous run, and, to compare, only
/// copying the previous result.
final class RefreshBench {
    private static final double LIMIT_SECONDS = 600;

    private final Engines engines;
    private final GeneratedFiles data;
    private final Scenario scenario;
    private final Change change;

    private RefreshBench(Engines engines, GeneratedFiles data, Scenario scenario, Change change) {
        this.engines = engines;
        this.data = data;
        this.scenario = scenario;
        this.change = change;
    }

    static List<Measurement> measure(Engines engines, GeneratedFiles data, Scenario scenario, Change change) {
        return new RefreshBench(engines, data, scenario, change).measure();
    }

    private List<Measurement> measure() {
        data.spine(scenario);
        long changed;
        Measurement first;
        try (BenchTables lake = BenchTables.of(data, scenario)) {
            RefreshTable table = new RefreshTable(data, lake, scenario);
            first = run(Engines.FIRN_FIRST, null, 0);
            changed = table.apply(change);
        }
        Measurement full = run(Engines.FIRN_FULL, null, 0);
        RefreshFacts expected = full.refresh();
        List<Measurement> measured = new ArrayList<>(List.of(first, full));
        measured.add(run(Engines.FIRN_INCREMENTAL, expected, changed));
        if (engines.isWanted(Engines.FIRN_COPY)) {
            measured.add(run(Engines.FIRN_COPY, first.refresh(), 0));
        }
        return measured;
    }

    /// @param expected whose digest the engine's must equal; an engine without an answer is not equal
    private Measurement run(String engine, @Nullable RefreshFacts expected, long changedBytes) {
        System.err.println(scenario.name() + ": " + engine);
        AtomicReference<@Nullable RefreshFacts> reported = new AtomicReference<>();
        data.warm(scenario);
        ChildRun.Outcome outcome = ChildRun.of(
                engines.refresh(engine, scenario, data.results(scenario, engine)),
                LIMIT_SECONDS,
                line -> RefreshFacts.parse(line).ifPresent(reported::set));
        RefreshFacts facts = reported.get();
        boolean isCompared = !engine.equals(Engines.FIRN_FIRST) && !engine.equals(Engines.FIRN_FULL);
        boolean isEqual = facts != null && expected != null && facts.digest().equals(expected.digest());
        return Measurement.of(scenario, engine, Engines.FIRN_VERSION, outcome)
                .withRefresh(
                        facts == null ? null : facts.withChangedBytes(changedBytes),
                        isCompared ? (Boolean) isEqual : null);
    }
}
