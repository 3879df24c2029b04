package dev.firn.chaos.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The table of a run, as text and as JSON.
final class ChaosReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String LINE = "%-44s %7s %8s %8s %5s %9s %5s %9s %9s %6s%n";

    private final ChaosPlan plan;
    private final List<Line> lines = new ArrayList<>();

    /// @param took all of the scenario, with its preparations and checks
    private record Line(Outcome outcome, Duration took) {}

    ChaosReport(ChaosPlan plan) {
        this.plan = plan;
    }

    /// Runs the scenario and adds its line.
    Outcome run(Scenario scenario, ChaosRun run) {
        long began = System.nanoTime();
        Outcome outcome = scenario.run(run);
        lines.add(new Line(outcome, Duration.ofNanos(System.nanoTime() - began)));
        return outcome;
    }

    String text() {
        StringBuilder text = new StringBuilder(
                "seed %d, scale %s, part %d of %d%n".formatted(plan.seed(), plan.scale(), plan.part(), plan.parts()));
        text.append(LINE.formatted(
                "fault",
                "fired",
                "requests",
                "answered",
                "lost",
                "different",
                "wrong",
                "median ms",
                "worst ms",
                "took s"));
        for (Line line : lines) {
            Outcome outcome = line.outcome;
            text.append(LINE.formatted(
                    outcome.fault(),
                    outcome.fired(),
                    outcome.requests(),
                    outcome.answered(),
                    outcome.lost().size(),
                    outcome.different().size(),
                    outcome.wrong().size(),
                    outcome.medianRecovery().toMillis(),
                    outcome.worstRecovery().toMillis(),
                    line.took.toSeconds()));
        }
        return text.toString();
    }

    /// Writes `chaos-report.txt` and `chaos-report.json`.
    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("chaos-report.txt"), text());
            JSON.writeValue(folder.resolve("chaos-report.json").toFile(), json());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seed", plan.seed());
        json.put("scale", plan.scale());
        json.put("part", plan.part());
        json.put("parts", plan.parts());
        json.put("faults", lines.stream().map(ChaosReport::json).toList());
        return json;
    }

    private static Map<String, Object> json(Line line) {
        Outcome outcome = line.outcome;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("fault", outcome.fault());
        json.put("fired", outcome.fired());
        json.put("requests", outcome.requests());
        json.put("answered", outcome.answered());
        json.put("lost", outcome.lost());
        json.put("answered_differently", outcome.different());
        json.put("wrong", outcome.wrong());
        json.put("recovery_median_ms", outcome.medianRecovery().toMillis());
        json.put("recovery_worst_ms", outcome.worstRecovery().toMillis());
        json.put("took_ms", line.took.toMillis());
        return json;
    }
}
