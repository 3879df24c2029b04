package dev.firn.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Prints the measurements of a scenario as a table.
final class Report {
    private static final String ROW = "%-18s %9s %9s %9s %9s %9s %10s %7s  %s%n";

    private Report() {}

    static void print(PrintStream out, Scenario scenario, List<Measurement> measurements) {
        out.printf(
                Locale.ROOT,
                "%n%s: %s; %,d table rows, %,d spine rows%n",
                scenario.name(),
                scenario.description(),
                scenario.table().rows(),
                scenario.spine().rows());
        if (scenario.change() != null) {
            RefreshReport.print(out, measurements);
            return;
        }
        out.printf(ROW, "engine", "cold s", "warm s", "CPU s", "anon MB", "RSS MB", "read MB", "ratio", "result");
        Double firn = measurements.stream()
                .filter(one -> one.engine().equals("firn"))
                .map(Measurement::seconds)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        for (Measurement one : measurements) {
            Double seconds = one.seconds();
            out.printf(
                    ROW,
                    one.engine(),
                    number(one.coldSeconds()),
                    number(one.warmSeconds()),
                    number(one.cpuSeconds()),
                    megabytes(one.peakAnonBytes()),
                    megabytes(one.peakRssBytes()),
                    megabytes(one.bytesRead()),
                    firn == null || seconds == null ? "-" : "%.2f".formatted(seconds / firn),
                    result(one));
        }
        out.flush();
    }

    private static String result(Measurement one) {
        if (one.note() != null) {
            return one.note();
        }
        Boolean equal = one.equal();
        String result = equal == null ? "" : equal ? "equal" : "DIFFERENT";
        return one.loadSeconds() == null
                ? result
                : "%s (loaded in %s s, %s MB)"
                        .formatted(result, number(one.loadSeconds()), megabytes(one.loadBytes()))
                        .strip();
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String megabytes(@Nullable Long bytes) {
        return bytes == null ? "-" : String.format(Locale.ROOT, "%,d", bytes / 1_000_000);
    }
}
