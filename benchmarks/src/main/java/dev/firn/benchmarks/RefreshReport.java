package dev.firn.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Prints the measurements of a refresh scenario as a table.
final class RefreshReport {
    private static final String ROW = "%-16s %8s %8s %8s %8s %8s %9s %8s %10s %9s %9s  %s%n";

    private RefreshReport() {}

    static void print(PrintStream out, List<Measurement> measurements) {
        out.printf(
                ROW,
                "engine",
                "cold s",
                "warm s",
                "CPU s",
                "anon MB",
                "read MB",
                "of MB",
                "speed-up",
                "kept",
                "replaced",
                "afresh",
                "result");
        Double full = seconds(measurements, Engines.FIRN_FULL);
        for (Measurement one : measurements) {
            RefreshFacts facts = incremental(one);
            Double seconds = one.seconds();
            out.printf(
                    ROW,
                    one.engine(),
                    number("%.2f", one.coldSeconds()),
                    number("%.3f", one.warmSeconds()),
                    number("%.2f", one.cpuSeconds()),
                    megabytes(one.peakAnonBytes()),
                    megabytes(one.bytesRead()),
                    facts == null ? "-" : megabytes(facts.changedBytes() + facts.previousBytes()),
                    full == null || seconds == null ? "-" : number("%.2f", full / seconds),
                    facts == null ? "-" : count(facts.rowsKept()),
                    facts == null ? "-" : count(facts.rowsReplaced()),
                    facts == null ? "-" : count(facts.rowsLookedUp()),
                    result(one));
        }
        out.flush();
    }

    /// Null for the other engines.
    private static @Nullable RefreshFacts incremental(Measurement one) {
        return one.engine().equals(Engines.FIRN_INCREMENTAL) ? one.refresh() : null;
    }

    private static @Nullable Double seconds(List<Measurement> measurements, String engine) {
        return measurements.stream()
                .filter(one -> one.engine().equals(engine))
                .findFirst()
                .map(Measurement::seconds)
                .orElse(null);
    }

    private static String result(Measurement one) {
        RefreshFacts facts = incremental(one);
        if (one.note() != null) {
            return one.note();
        }
        String equal = one.equal() == null ? "" : one.equal() ? "equal" : "DIFFERENT";
        return facts == null || facts.reason().isEmpty() ? equal : equal + "; in full: " + facts.reason();
    }

    private static String number(String format, @Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, format, value);
    }

    private static String count(long rows) {
        return String.format(Locale.ROOT, "%,d", rows);
    }

    private static String megabytes(@Nullable Long bytes) {
        return bytes == null ? "-" : String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
