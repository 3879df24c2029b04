package dev.firn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.benchmarks.Scenario.SpineSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// After each change, with far fewer rows and keys, a run from the previous one has the result of a full run,
/// and a copy of the previous result is equal to it.
final class RefreshScenariosTest {
    private static final long TABLE_ROWS = 20_000;
    private static final long SPINE_ROWS = 500;
    private static final String KEYS = "500";
    private static final int THREADS = 2;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @ParameterizedTest
    @EnumSource
    void resultsAreEqual(Change change) {
        Scenario scenario = scenario(change);
        GeneratedFiles data = new GeneratedFiles(folder, THREADS, progress -> {});
        RefreshFacts first;
        long changed;
        try (BenchTables lake = BenchTables.of(data, scenario)) {
            RefreshTable table = new RefreshTable(data, lake, scenario);
            first = run(data, scenario, Engines.FIRN_FIRST);
            changed = table.apply(change);
        }
        RefreshFacts full = run(data, scenario, Engines.FIRN_FULL);
        RefreshFacts incremental = run(data, scenario, Engines.FIRN_INCREMENTAL);
        RefreshFacts copy = run(data, scenario, Engines.FIRN_COPY);

        assertThat(incremental.digest()).isEqualTo(full.digest()).isNotEqualTo(first.digest());
        assertThat(copy.digest()).isEqualTo(first.digest());
        assertThat(changed).isPositive();
        assertThat(incremental.previousBytes()).isPositive();
        assertThat(incremental.reason()).isEmpty();
        assertThat(incremental.rowsKept()).isBetween(SPINE_ROWS / 2, SPINE_ROWS - 1);
        boolean emptiesKeys = change == Change.EQUALITY_DELETES;
        assertThat(incremental.rowsReplaced() + incremental.rowsLookedUp() == 0).isEqualTo(emptiesKeys);
    }

    private static RefreshFacts run(GeneratedFiles data, Scenario scenario, String engine) {
        return RefreshPeer.run(data, scenario, engine, data.results(scenario, engine), 1, THREADS);
    }

    private static Scenario scenario(Change change) {
        Scenario full = Scenarios.refreshes().stream()
                .filter(one -> one.change() == change)
                .findFirst()
                .orElseThrow();
        TableSpec.Column key = full.table().keys().getFirst();
        TableSpec table = new TableSpec(
                "few_keys",
                TABLE_ROWS,
                full.table().files(),
                List.of(new TableSpec.Column(key.name(), key.type(), TableSpec.random(100, KEYS) + "::bigint")),
                full.table().features(),
                full.table().layout());
        SpineSpec spine = new SpineSpec(
                SPINE_ROWS,
                List.of(TableSpec.random(200, KEYS) + "::bigint"),
                full.spine().time());
        return new Scenario(full.name(), full.description(), table, spine, full.views(), Scenario.Place.FILES, change);
    }
}
