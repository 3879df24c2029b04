package dev.firn.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/// What one engine took in one scenario; one object of `--json`. What is not known is null.
///
/// @param coldSeconds from the start of its process to its first answer
/// @param warmSeconds median of the second half of its runs, all in the same process
/// @param cpuSeconds of the median run
/// @param peakRssBytes greatest sum of anonymous and file-backed memory
/// @param peakAnonBytes greatest anonymous memory; mapped files are in the other figure
/// @param bytesRead of a warm run: by system calls or, where files are mapped, as asked for
/// @param equal whether the result is that of Firn; null for what has no result
/// @param note why there is no figure, or that it was stopped
@JsonPropertyOrder({
    "scenario",
    "tableRows",
    "spineRows",
    "engine",
    "version",
    "coldSeconds",
    "warmSeconds",
    "cpuSeconds",
    "peakRssBytes",
    "peakAnonBytes",
    "bytesRead",
    "rowsOut",
    "equal",
    "note"
})
record Measurement(
        String scenario,
        long tableRows,
        long spineRows,
        String engine,
        String version,
        @Nullable Double coldSeconds,
        @Nullable Double warmSeconds,
        @Nullable Double cpuSeconds,
        @Nullable Long peakRssBytes,
        @Nullable Long peakAnonBytes,
        @Nullable Long bytesRead,
        @Nullable Long rowsOut,
        @Nullable Boolean equal,
        @Nullable String note) {

    static Measurement of(Scenario scenario, String engine, String version, ChildRun.Outcome outcome) {
        return new Measurement(
                scenario.name(),
                scenario.table().rows(),
                scenario.spineRows(),
                engine,
                version,
                outcome.coldSeconds(),
                outcome.warmSeconds(),
                outcome.cpuSeconds(),
                outcome.peakRssBytes(),
                outcome.peakAnonBytes(),
                outcome.bytesRead(),
                null,
                null,
                outcome.note());
    }

    Measurement withResult(long rows, @Nullable Boolean isEqual) {
        return new Measurement(
                scenario,
                tableRows,
                spineRows,
                engine,
                version,
                coldSeconds,
                warmSeconds,
                cpuSeconds,
                peakRssBytes,
                peakAnonBytes,
                bytesRead,
                rows,
                isEqual,
                note);
    }

    /// The warm figure, or the cold one of an engine that was asked once.
    @JsonIgnore
    @Nullable
    Double seconds() {
        return warmSeconds == null ? coldSeconds : warmSeconds;
    }
}
