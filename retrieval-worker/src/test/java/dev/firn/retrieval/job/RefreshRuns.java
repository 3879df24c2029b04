package dev.firn.retrieval.job;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.service.result.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs of one standing retrieval over a lake, each with a manifest, and full retrievals to compare them with.
final class RefreshRuns {
    private final LakeFixture lake;
    private final String standingId;
    private Refresh.Settings settings;
    private int rowsPerFile = 1_000;
    private long budgetBytes = 64L << 20;
    private int runs;
    private int attempts;
    private @Nullable PreviousRun previous;

    /// Every run is followed.
    private final ChangesFollower changes = new ChangesFollower();

    RefreshRuns(LakeFixture lake, String standingId) {
        this.lake = lake;
        this.standingId = standingId;
        this.settings = new Refresh.Settings(true, 1_000, lake.results() + "/test");
    }

    RefreshRuns with(Refresh.Settings other) {
        settings = other;
        return this;
    }

    RefreshRuns withRowsPerFile(int rows) {
        rowsPerFile = rows;
        return this;
    }

    RefreshRuns withBudget(long bytes) {
        budgetBytes = bytes;
        return this;
    }

    /// The last run's manifest.
    Manifest manifest() {
        String location = java.util.Objects.requireNonNull(previous).getManifestLocation();
        return Manifest.parse(lake.catalogs().storage().read(location, Manifest.MAX_BYTES), location);
    }

    ChangesFollower changes() {
        return changes;
    }

    /// Says that another run was the last successful one.
    void startFrom(@Nullable PreviousRun run) {
        previous = run;
    }

    @Nullable
    PreviousRun previous() {
        return previous;
    }

    /// Runs the standing retrieval from its last run, and decides its outcome.
    Completed run(RetrievalRequest.Builder retrieval, Instant now) {
        RetrievalRequest request = next(retrieval);
        Completed completed = attempt(request, now);
        RetrievalResult result =
                Outcomes.succeeded(request, "digest", completed, now).build();
        Manifest manifest =
                new Manifest(result, request, completed.pins(), "worker", "", completed.state(), Set.of(), null);
        String location = folder(request) + "/_manifest.json";
        lake.catalogs().storage().putIfAbsent(location, manifest.toBytes());
        previous = new PreviousRun(request.getRequestId(), location);
        changes.follow(request.getRequestId(), completed);
        runs++;
        return completed;
    }

    /// Runs it like [#run], but the worker ends before it decides.
    Completed breakOff(RetrievalRequest.Builder retrieval, Instant now) {
        return attempt(next(retrieval), now);
    }

    /// Runs an earlier run again, with the pins it had.
    ///
    /// @param from the run that it started from
    Completed replay(Completed run, PreviousRun from, RetrievalRequest.Builder retrieval, Instant now) {
        return attempt(
                RetrievalRequest.newBuilder(next(retrieval))
                        .setPreviousRun(from)
                        .setPins(run.pins())
                        .build(),
                now);
    }

    private RetrievalRequest next(RetrievalRequest.Builder retrieval) {
        return RetrievalRequest.newBuilder(retrieval.build())
                .setRequestId("%s.r%d.0123456789abcdef".formatted(standingId, runs + 1))
                .setStandingId(standingId)
                .setPreviousRun(previous)
                .build();
    }

    private String folder(RetrievalRequest request) {
        return lake.results() + "/test/" + request.getRequestId();
    }

    private Completed attempt(RetrievalRequest request, Instant now) {
        int number = ++attempts;
        return retrieve(request, now, "%s/%d/token%d".formatted(folder(request), number, number));
    }

    /// The same retrieval without a predecessor.
    Completed full(RetrievalRequest.Builder retrieval, Instant now) {
        return retrieve(
                RetrievalRequest.newBuilder(retrieval.build())
                        .setRequestId("full")
                        .build(),
                now,
                lake.results() + "/test/full-" + standingId + "/1/token" + runs);
    }

    private Completed retrieve(RetrievalRequest request, Instant now, String folder) {
        Retrieval worker = new Retrieval(
                lake.catalogs(),
                new MemoryBudget(budgetBytes),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000_000L),
                        rowsPerFile,
                        new ScanSettings(1, 1_024),
                        null,
                        Duration.ofMinutes(1),
                        "",
                        settings,
                        "firn"));
        Completed run = worker.run(
                new Retrieval.Task(request, now, lake.views(), null, folder, new Cancellation(), Progress.NONE));
        lake.strikeColumns();
        return run;
    }
}
