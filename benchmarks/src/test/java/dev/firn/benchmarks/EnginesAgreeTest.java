package dev.firn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every scenario, much smaller: Firn and DuckDB's three forms answer the same.
final class EnginesAgreeTest {
    private static final long TABLE_ROWS = 20_000;
    private static final long SPINE_ROWS = 500;
    private static final int THREADS = 2;

    static List<String> scenarios() {
        return Scenarios.all().stream()
                .filter(scenario -> !scenario.isInStore())
                .map(Scenario::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void answersAreEqual(String name, @TempDir Path folder) {
        Scenario full = Scenarios.named(name).orElseThrow();
        // fewer keys would need other data: most rows of the spine find nothing, which is half of what is compared
        Scenario scenario = full.of(TABLE_ROWS, SPINE_ROWS);
        GeneratedFiles data = new GeneratedFiles(folder, THREADS, progress -> {});
        List<String> contents = new ArrayList<>();
        Path firn = data.results(scenario, Engines.FIRN);
        FirnPeer.run(data, scenario, firn, 1, THREADS);
        try (Database database = Database.open(THREADS, false)) {
            contents.add(Results.content(database, scenario, firn));
            for (DuckDbForm form : DuckDbForm.values()) {
                Path results = data.results(scenario, form.engine());
                DuckDbPeer.run(data, scenario, form, results, 1, THREADS);
                contents.add(Results.content(database, scenario, results));
            }
        }
        assertThat(contents).as("firn, then %s", List.of(DuckDbForm.values())).containsOnly(contents.getFirst());
        assertThat(Results.rows(contents.getFirst())).isEqualTo(SPINE_ROWS);
    }
}
