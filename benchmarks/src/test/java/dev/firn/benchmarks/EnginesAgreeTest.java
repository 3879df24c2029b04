package dev.firn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// In every scenario, with far fewer rows, Firn and DuckDB's three forms have the same result, on tables of its
/// own too.
final class EnginesAgreeTest {
    private static final long TABLE_ROWS = 20_000;
    private static final long SPINE_ROWS = 500;
    private static final int THREADS = 2;

    static List<String> scenarios() {
        return Scenarios.all().stream()
                .filter(scenario -> !scenario.isInStore() && scenario.change() == null)
                .map(Scenario::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void resultsAreEqual(String name, @TempDir Path folder) {
        Scenario full = Scenarios.named(name).orElseThrow();
        // most spine rows find nothing, because the number of keys is not scaled; that is compared as well
        Scenario scenario = full.withRows(TABLE_ROWS, SPINE_ROWS);
        GeneratedFiles data = new GeneratedFiles(folder, THREADS, progress -> {});
        List<String> contents = new ArrayList<>();
        // as a scenario of refresh leaves it behind
        data.files(scenario.table());
        data.more(scenario.table(), "appended", TABLE_ROWS, 10 * TABLE_ROWS, "true");
        Path firn = data.results(scenario, Engines.FIRN);
        FirnPeer.run(data, scenario, firn, 1, THREADS);
        try (Database database = Database.open(THREADS, false)) {
            contents.add(Results.content(database, scenario, firn));
            for (DuckDbForm form : DuckDbForm.values()) {
                Path results = data.results(scenario, form.engine());
                DuckDbPeer.run(data, scenario, form, results, 1, THREADS);
                contents.add(Results.content(database, scenario, results));
                if (scenario.isHot()) {
                    Path own = data.results(scenario, form.engine() + Engines.NATIVE);
                    DuckDbPeer.runNative(data, scenario, form, own, 1, THREADS);
                    contents.add(Results.content(database, scenario, own));
                }
            }
        }
        assertThat(contents).as("firn, then %s", List.of(DuckDbForm.values())).containsOnly(contents.getFirst());
        assertThat(Results.rows(contents.getFirst())).isEqualTo(SPINE_ROWS);
    }
}
