package dev.firn.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/// What one engine needed in one scenario: one object of `--json`. Unknown values are null.
///
/// @param coldSeconds from the start of its process to its first result
/// @param warmSeconds median of the second half of its runs, all in the same process
/// @param cpuSeconds of the median run
/// @param peakRssBytes peak of anonymous and file-backed memory
/// @param peakAnonBytes peak of anonymous memory, without mapped files
/// @param bytesRead of the median run: by system calls or, if the engine maps files, as it reports
/// @param loadSeconds what it took to make what a hot scenario reads; null elsewhere
/// @param loadBytes its files
/// @param equal whether the result equals Firn's; null without a result
/// @param note why the engine failed or was stopped
/// @param refresh what a run of a standing retrieval reports about itself; null in other scenarios
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
    "loadSeconds",
    "loadBytes",
    "rowsOut",
    "equal",
    "note",
    "refresh"
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
        @Nullable Double loadSeconds,
        @Nullable Long loadBytes,
        @Nullable Long rowsOut,
        @Nullable Boolean equal,
        @Nullable String note,
        @Nullable RefreshFacts refresh) {

    static Measurement of(Scenario scenario, String engine, String version, ChildRun.Outcome outcome) {
        return new Measurement(
                scenario.name(),
                scenario.table().rows(),
                scenario.spine().rows(),
                engine,
                version,
                outcome.coldSeconds(),
                outcome.warmSeconds(),
                outcome.cpuSeconds(),
                outcome.peakRssBytes(),
                outcome.peakAnonBytes(),
                outcome.bytesRead(),
                outcome.load() == null ? null : (Double) outcome.load().seconds(),
                outcome.load() == null ? null : (Long) outcome.load().bytes(),
                null,
                null,
                outcome.note(),
                null);
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
                loadSeconds,
                loadBytes,
                rows,
                isEqual,
                note,
                refresh);
    }

    Measurement withRefresh(@Nullable RefreshFacts facts, @Nullable Boolean isEqual) {
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
                loadSeconds,
                loadBytes,
                rowsOut,
                isEqual,
                note,
                facts);
    }

    /// The warm time, or the cold one of an engine that ran once.
    @JsonIgnore
    @Nullable
    Double seconds() {
        return warmSeconds == null ? coldSeconds : warmSeconds;
    }
}
