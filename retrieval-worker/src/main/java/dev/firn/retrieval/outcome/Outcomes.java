package dev.firn.retrieval.outcome;

import dev.firn.events.Pins;
import dev.firn.events.ResultFile;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Violation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.schemas.Code;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builds results.
public final class Outcomes {
    private Outcomes() {}

    public static RetrievalResult.Builder succeeded(
            RetrievalRequest request, String digest, Completed completed, Instant now) {
        List<ResultFile> files = completed.files().stream()
                .map(file -> ResultFile.newBuilder()
                        .setLocation(file.location())
                        .setRows(file.rows())
                        .setBytes(file.bytes())
                        .setChecksum(file.sha256())
                        .build())
                .toList();
        return RetrievalResult.newBuilder()
                .setRequestId(request.getRequestId())
                .setRequestDigest(digest)
                .setStatus(RetrievalStatus.SUCCEEDED)
                .setMessage("%s with %s in %s"
                        .formatted(
                                count(completed.rows(), "row"),
                                count(
                                        completed.columns().stream()
                                                .filter(column -> column.getFeature() != null)
                                                .count(),
                                        "feature"),
                                count(files.size(), "file")))
                .setLocation(completed.folder() + "/")
                .setFiles(files)
                .setFileCount(files.size())
                .setRows(completed.rows())
                .setColumns(completed.columns())
                .setViews(completed.views())
                .setWarnings(completed.warnings())
                .setContentDigest(completed.digest())
                .setAsOf(completed.pins().getAsOf())
                .setStageMillis(completed.stageMillis())
                .setStandingId(request.getStandingId())
                .setPreviousSnapshotIds(previousSnapshots(request.getPreviousPins()))
                .setChanges(completed.changes())
                .setCompletedAt(now);
    }

    public static RetrievalResult.Builder rejected(
            RetrievalRequest request, String digest, RetrievalRejected rejected, Instant now) {
        Violation first = rejected.violations().getFirst();
        int more = rejected.violations().size() - 1;
        return failed(request.getRequestId(), digest, now)
                .setCode(first.getCode())
                .setFault(first.getFault())
                .setMessage(first.getMessage() + (more == 0 ? "" : " (and " + more + " more)"))
                .setViolations(rejected.violations())
                .setStandingId(request.getStandingId())
                .setPreviousSnapshotIds(previousSnapshots(request.getPreviousPins()));
    }

    public static RetrievalResult.Builder failed(
            String requestId, String digest, Code code, String message, Instant now) {
        return failed(requestId, digest, now)
                .setCode(code.name())
                .setFault(code.fault())
                .setMessage(message);
    }

    private static RetrievalResult.Builder failed(String requestId, String digest, Instant now) {
        return RetrievalResult.newBuilder()
                .setRequestId(requestId)
                .setRequestDigest(digest)
                .setStatus(RetrievalStatus.FAILED)
                .setCompletedAt(now);
    }

    private static @Nullable Map<String, @Nullable Long> previousSnapshots(@Nullable Pins previous) {
        if (previous == null) {
            return null;
        }
        Map<String, @Nullable Long> snapshots = new HashMap<>();
        previous.getViews().forEach(pin -> snapshots.put(pin.getAlias(), pin.getSnapshotId()));
        return snapshots;
    }

    private static String count(long number, String singular) {
        return "%d %s%s".formatted(number, singular, number == 1 ? "" : "s");
    }
}
