package dev.firn.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class BenchTest {
    @Test
    void namesAnUnknownScenario() {
        StringWriter err = new StringWriter();
        CommandLine bench = Bench.commandLine().setErr(new PrintWriter(err, true));

        assertThat(bench.execute("--scenario", "nothing")).isEqualTo(2);

        assertThat(err.toString()).contains("unknown scenario 'nothing'").contains("--list");
    }

    @Test
    void namesAnUnknownEngine() {
        StringWriter err = new StringWriter();
        CommandLine bench = Bench.commandLine().setErr(new PrintWriter(err, true));

        assertThat(bench.execute("--engine", "spark")).isEqualTo(2);

        assertThat(err.toString()).contains("unknown engine 'spark'").contains("duckdb-late");
    }

    @Test
    void runsTheseScenariosByDefault() {
        assertThat(Scenarios.all())
                .extracting(Scenario::name)
                .containsExactly(
                        "uniform-1k",
                        "uniform-10k",
                        "uniform-100k",
                        "uniform-1m",
                        "uniform-5m",
                        "zipf-200k",
                        "wide-10k",
                        "strings-100k",
                        "composite-100k",
                        "days-10k",
                        "sorted-10k",
                        "sorted-pages-10k",
                        "three-views-100k",
                        "history-100k",
                        "flights",
                        "refresh-10k",
                        "refresh-1m",
                        "refresh-compaction",
                        "refresh-positions",
                        "refresh-equality",
                        "refresh-copy-on-write",
                        "small-pages-10k",
                        "s3-10k",
                        "s3-100",
                        "hot-100",
                        "hot-10k",
                        "hot-100k",
                        "hot-1m",
                        "hot-flights");
    }

    @Test
    void scenarioNamesAreDistinct() {
        assertThat(Stream.concat(Scenarios.all().stream(), Scenarios.onDemand().stream())
                        .map(Scenario::name))
                .doesNotHaveDuplicates();
    }

    @Test
    void measurementHasTheDocumentedFields() {
        JsonNode json = new ObjectMapper().valueToTree(measured("firn", 2.0));
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);

        assertThat(names)
                .startsWith("scenario", "tableRows", "spineRows", "engine", "version", "coldSeconds", "warmSeconds")
                .contains("cpuSeconds", "peakRssBytes", "bytesRead", "rowsOut", "equal");
    }

    @Test
    void reportShowsTheRatioToFirnAndDifferentResults() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Scenario scenario = Scenarios.all().getFirst();

        Report.print(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                scenario,
                List.of(measured("firn", 2.0), measured("duckdb-asof", 7.0).withResult(3, false)));

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("3.50").contains("DIFFERENT");
    }

    @Test
    void reportOfARefreshShowsItsSpeedUpAndCost() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Scenario scenario = Scenarios.refreshes().getFirst();
        RefreshFacts facts = new RefreshFacts("d", "", 9_000, 1_234, 7, 2_000_000, 1_500_000);

        Report.print(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                scenario,
                List.of(
                        measured(Engines.FIRN_FULL, 5.0).withRefresh(facts, null),
                        measured(Engines.FIRN_INCREMENTAL, 2.0).withRefresh(facts, true),
                        measured(Engines.FIRN_INCREMENTAL, 5.0)
                                .withRefresh(new RefreshFacts("d", "why", 0, 0, 0, 0, 0), true)));

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("2.50")
                .contains("9,000     1,234         7  equal")
                .contains(" 3.5 ")
                .contains("equal; in full: why");
    }

    @Test
    void factsOfARefreshAreOneLineOfItsProcess() {
        RefreshFacts facts = new RefreshFacts("digest", "why", 1, 2, 3, 4, 5);

        assertThat(RefreshFacts.parse(facts.line())).contains(facts);
        assertThat(RefreshFacts.parse("RUN 1 2 3")).isEmpty();
    }

    @Test
    void contentDiffersIfOneValueDoes(@TempDir Path folder) {
        Scenario scenario = Scenarios.named("uniform-1k").orElseThrow();
        String columns = "d1, d2, d3, d4, l1, l2, i1, s1";
        try (Database database = Database.open(1, true)) {
            List<String> contents = new ArrayList<>();
            for (String value : List.of("1", "2", "1")) {
                Path file = folder.resolve("run-%d.parquet".formatted(contents.size()));
                database.run("copy (select 7 as row_id, %s) to %s"
                        .formatted(columns.replaceAll("(\\w+)", value + " as $1"), Database.quoted(file.toString())));
                contents.add(Results.content(database, scenario, folder));
            }
            assertThat(contents.get(0)).isEqualTo(contents.get(2)).isNotEqualTo(contents.get(1));
        }
    }

    @Test
    void stopsAProcessThatTakesTooLongAndSaysSo() {
        ChildRun.Outcome outcome = ChildRun.of(List.of("sleep", "60"), 0.05);

        assertThat(outcome.note()).startsWith(">");
        assertThat(outcome.warmSeconds()).isNull();
    }

    @Test
    void aPeerMayTakeTwentyTimesAsLongAsFirnButAtLeastHalfAMinute() {
        assertThat(Bench.limitSeconds(new ChildRun.Outcome(9.0, 4.0, 1.0, 1L, 1L, 1L, null)))
                .isEqualTo(80);
        assertThat(Bench.limitSeconds(new ChildRun.Outcome(9.0, 0.1, 1.0, 1L, 1L, 1L, null)))
                .isEqualTo(30);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 3, 0, true",
        "1, 3, 40, true",
        "2, 3, 29, true",
        "2, 3, 31, false",
        "3, 3, 4, true",
        "3, 3, 6, false",
        "1, 1, 0, false"
    })
    void repeatsQuickRunsAndAllRunsOnce(int run, int times, long seconds, boolean continues) {
        assertThat(RunLoop.continues(run, times, Duration.ofSeconds(seconds).toNanos(), Duration.ofSeconds(5)))
                .isEqualTo(continues);
    }

    @Test
    void saysWhyAProcessFailed() {
        ChildRun.Outcome outcome = ChildRun.of(List.of("sh", "-c", "echo some Error here; exit 3"), 60);

        assertThat(outcome.note()).isEqualTo("exit code 3: some Error here");
    }

    @Test
    void theFirstRunIsColdAndTheMedianOfTheSecondHalfWarm() {
        ChildRun.Outcome outcome = ChildRun.of(
                List.of(
                        "sh",
                        "-c",
                        "for run in '9 9 9' '8 8 8' '7 7 7' '1 4 7' '3 5 8' '2 6 9'; do echo RUN $run; done"),
                60);

        assertThat(outcome.note()).isNull();
        assertThat(outcome.warmSeconds()).isEqualTo(2.0);
        assertThat(outcome.cpuSeconds()).isEqualTo(6.0);
        assertThat(outcome.bytesRead()).isEqualTo(9L);
        assertThat(outcome.coldSeconds()).isLessThan(9.0);
    }

    private static Measurement measured(String engine, double seconds) {
        return Measurement.of(
                Scenarios.all().getFirst(),
                engine,
                "1",
                new ChildRun.Outcome(seconds * 2, seconds, seconds, 1L, 1L, 1L, null));
    }
}
