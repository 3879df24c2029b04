package dev.firn.retrieval.commit;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.targets.ResultPart;
import dev.firn.lake.targets.Target;
import dev.firn.lake.targets.TargetTables;
import dev.firn.lake.targets.Written;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.targets.RequestedTarget;
import dev.firn.schemas.Code;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.TargetNote;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Completes an outcome before it is announced: commits its rows to the target table that the request names, and notes
/// what became of that (`docs/decisions/0029-results-as-an-iceberg-table.md`). Thread-safe.
///
/// ```text
///   the request names no target, or it FAILED ───────────────► as it is
///   target.json is there ────────────────────────────────────► with it
///   commit ── COMMITTED, SUPERSEDED, or refused ──► create target.json ───► with what stands there
///     └────── an outage ──► later; after the limit TARGET_UNAVAILABLE, in target.json
/// ```
///
/// Whatever fails here, the result SUCCEEDED and is announced in the end: its rows exist.
public final class TargetCommits {
    private static final Logger log = LoggerFactory.getLogger(TargetCommits.class);

    private final TargetTables tables;
    private final ResultStore results;
    private final String namespace;
    private final Duration limit;
    private final Clock clock;

    /// @param limit how long an outage may hold up a commit
    public TargetCommits(TargetTables tables, ResultStore results, String namespace, Duration limit, Clock clock) {
        this.tables = tables;
        this.results = results;
        this.namespace = namespace;
        this.limit = limit;
        this.clock = clock;
    }

    /// The outcome as it is announced; empty if the catalog or the store of the table is not available.
    ///
    /// @param waited how long that has been so
    /// @param step runs again and again while files are copied; may throw to end that
    /// @throws dev.firn.lake.LakeOutage if the store of results does not answer
    public Optional<RetrievalResult> complete(Manifest outcome, Duration waited, Runnable step) {
        if (!TargetNote.belongsTo(outcome)) {
            return Optional.of(outcome.result());
        }
        return results.findTarget(outcome)
                .or(() -> commit(outcome, waited, step).map(mine -> results.decideTarget(outcome, mine)))
                .map(note -> outcome.with(note).result());
    }

    /// Like [#complete], for who came too late to cancel the request. Commands have few threads, so the commit is left
    /// to the request's own turns, for as long as an outage may hold those up.
    public Optional<RetrievalResult> noted(Manifest outcome, Duration waited, Runnable step) {
        boolean isPending =
                TargetNote.belongsTo(outcome) && results.findTarget(outcome).isEmpty();
        return isPending && waited.compareTo(limit) < 0 ? Optional.empty() : complete(outcome, waited, step);
    }

    private Optional<TargetOutcome> commit(Manifest outcome, Duration waited, Runnable step) {
        RetrievalRequest request = Objects.requireNonNull(outcome.request());
        try {
            Target target = RequestedTarget.of(request, namespace).orElseThrow();
            Written written = tables.write(target, CommittedRun.of(outcome), parts(outcome), step);
            log.atInfo()
                    .addKeyValue("requestId", request.getRequestId())
                    .addKeyValue("table", target.table())
                    .addKeyValue("outcome", written)
                    .log("A result was committed to its target table, or is superseded there");
            return Optional.of(outcome(request, written));
        } catch (CancellationException e) {
            throw e;
        } catch (LakeRejection rejection) {
            return Optional.of(
                    refused(request, Code.valueOf(rejection.code()), String.valueOf(rejection.getMessage())));
        } catch (RuntimeException fault) {
            boolean givenUp = waited.compareTo(limit) >= 0;
            log.atWarn()
                    .setCause(fault)
                    .addKeyValue("requestId", request.getRequestId())
                    .addKeyValue("table", request.getTarget())
                    .addKeyValue("givenUp", givenUp)
                    .log("A result could not be committed to its target table");
            return givenUp
                    ? Optional.of(refused(
                            request,
                            Code.TARGET_UNAVAILABLE,
                            "The commit has failed for %d s, the last time with: %s. If it was applied all the same, a snapshot of the table has firn.request-id '%s'."
                                    .formatted(waited.toSeconds(), Reason.of(fault), request.getRequestId())))
                    : Optional.empty();
        }
    }

    private static List<ResultPart> parts(Manifest outcome) {
        return outcome.result().getFiles().stream()
                .map(file -> new ResultPart(file.getLocation(), file.getRows(), file.getBytes(), file.getChecksum()))
                .toList();
    }

    private TargetOutcome outcome(RetrievalRequest request, Written written) {
        return switch (written) {
            case Written.Committed(Optional<Long> snapshot) ->
                noted(request, TargetStatus.COMMITTED)
                        .setSnapshotId(snapshot.orElse(null))
                        .setMessage(snapshot.map(id -> "Committed as snapshot " + id + ".")
                                .orElse("Committed; the snapshot has expired, or the table was rolled back."))
                        .build();
            case Written.Superseded(String by) ->
                noted(request, TargetStatus.SUPERSEDED)
                        .setMessage("The table holds a later result, of '%s'.".formatted(by))
                        .build();
        };
    }

    private TargetOutcome refused(RetrievalRequest request, Code code, String message) {
        return noted(request, TargetStatus.NOT_COMMITTED)
                .setCode(code.name())
                .setFault(code.fault())
                .setMessage(message)
                .build();
    }

    private TargetOutcome.Builder noted(RetrievalRequest request, TargetStatus status) {
        return TargetOutcome.newBuilder()
                .setTable(Objects.requireNonNull(request.getTarget()))
                .setStatus(status)
                .setDecidedAt(clock.instant());
    }
}
