package dev.firn.retrieval.commit;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.targets.TargetTables;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.LakeFixture;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Refresh;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalLimits;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.outcome.UnreadableOutcome;
import dev.firn.schemas.Code;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.TargetNote;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An outcome with a target is announced with what became of the commit, which is decided once. Real retrievals, tables
/// and files.
final class TargetCommitsTest {
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private LakeFixture lake;
    private Catalogs catalogs;
    private Table facts;
    private ResultStore results;
    private int tries;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        catalogs = lake.writingCatalogs();
        facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        results = store("worker");
    }

    @AfterEach
    void close() {
        catalogs.close();
        lake.close();
    }

    private ResultStore store(String worker) {
        return new ResultStore(catalogs.storage(), layout(), worker, Clock.systemUTC());
    }

    private ResultLayout layout() {
        return new ResultLayout(lake.results() + "/firn");
    }

    @Test
    void aRequestWithoutATargetIsAnnouncedAsItIs() {
        Manifest outcome = decided(request(ids("id", "1"), "facts:value"), Given.NOW);
        assertThat(complete(outcome)).contains(outcome.result());
        assertThat(results.findTarget(outcome)).isEmpty();
    }

    @Test
    void aFailureIsAnnouncedAsItIs() {
        RetrievalResult failed = Outcomes.failed("request-1", "digest", Code.VIEW_BROKEN, "Broken.", Given.NOW)
                .build();
        Manifest outcome = new Manifest(failed, targeting("daily").build(), null, "worker");
        assertThat(complete(outcome)).contains(failed);
        assertThat(lake.writer().tableExists(identifier())).isFalse();
    }

    @Test
    void theEventIsTheManifestAndWhatBecameOfTheCommit() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        RetrievalResult announced = complete(outcome).orElseThrow();

        TargetOutcome target = Objects.requireNonNull(announced.getTarget());
        Table table = lake.writer().loadTable(identifier());
        assertThat(target.getStatus()).isEqualTo(TargetStatus.COMMITTED);
        assertThat(target.getTable()).isEqualTo("iceberg.features.daily");
        assertThat(target.getSnapshotId()).isEqualTo(table.currentSnapshot().snapshotId());
        assertThat(RetrievalResult.newBuilder(announced).setTarget(null).build())
                .isEqualTo(results.find("request-1").orElseThrow().result());
        assertThat(results.findTarget(outcome).map(TargetNote::outcome)).contains(target);
        assertThat(table.properties()).containsEntry("firn.owner", "firn/request/request-1");
        assertThat(table.currentSnapshot().summary())
                .containsEntry("firn.request-id", "request-1")
                .containsEntry("firn.content-digest", announced.getContentDigest())
                .containsEntry("firn.manifest", announced.getManifestLocation())
                .containsEntry(
                        "firn.pins",
                        "{\"as_of\":\"%s\",\"views\":{\"facts\":%d}}"
                                .formatted(Given.NOW, facts.currentSnapshot().snapshotId()))
                .containsEntry("total-records", "1");
        assertThat(table.schema().columns())
                .extracting(field -> field.name() + " " + field.type())
                .containsExactlyElementsOf(announced.getColumns().stream()
                        .map(column -> column.getName() + " " + column.getType())
                        .toList());
    }

    @Test
    void aRequestThatIsDeliveredAgainIsNotCommittedAgain() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        RetrievalResult first = complete(outcome).orElseThrow();
        lake.writer().dropTable(identifier());
        assertThat(complete(outcome)).contains(first);
        assertThat(lake.writer().tableExists(identifier())).isFalse();
    }

    /// A worker that was killed between the commit and the note.
    @Test
    void aCommitThatWasNotNotedIsFoundInTheTable() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        RetrievalResult first = complete(outcome).orElseThrow();
        catalogs.storage().delete(List.of(TargetNote.location(outcome)));

        RetrievalResult again = complete(outcome).orElseThrow();
        assertThat(Objects.requireNonNull(again.getTarget()).getSnapshotId())
                .isEqualTo(Objects.requireNonNull(first.getTarget()).getSnapshotId());
        assertThat(lake.writer().loadTable(identifier()).snapshots()).hasSize(1);
    }

    @Test
    void twoWorkersAnnounceTheSame() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        TargetCommits other =
                new TargetCommits(new TargetTables(catalogs), store("other"), "firn", LIMIT, Clock.systemUTC());
        RetrievalResult[] meanwhile = new RetrievalResult[1];
        Optional<RetrievalResult> mine = commits().complete(outcome, Duration.ZERO, () -> {
            if (meanwhile[0] == null) {
                meanwhile[0] = other.complete(outcome, Duration.ZERO, () -> {}).orElseThrow();
            }
        });
        assertThat(mine).contains(meanwhile[0]);
        assertThat(lake.writer().loadTable(identifier()).snapshots()).hasSize(1);
    }

    @Test
    void anOlderRunThatIsAnnouncedAfterANewerOneIsSuperseded() {
        String older = "daily.r1.0123456789abcdef";
        String newer = "daily.r2.0123456789abcdef";
        Manifest first = decided(run(older), Given.NOW);
        lake.append(facts, "1 | 2024-02-01 | 20");
        Manifest second = decided(run(newer), Given.NOW);

        assertThat(complete(second).orElseThrow().getTarget().getStatus()).isEqualTo(TargetStatus.COMMITTED);
        TargetOutcome late = complete(first).orElseThrow().getTarget();
        assertThat(late.getStatus()).isEqualTo(TargetStatus.SUPERSEDED);
        assertThat(late.getMessage()).contains(newer);
        assertThat(late.getSnapshotId()).isNull();
        Table table = lake.writer().loadTable(identifier());
        assertThat(table.properties()).containsEntry("firn.owner", "firn/standing/daily");
        assertThat(table.currentSnapshot().summary())
                .containsEntry("firn.run", "2")
                .containsEntry("firn.standing-id", "daily");
    }

    /// A rule of the store deleted its manifest before anything else, so the id is new. What became of the first result
    /// says nothing about the second one, and the table is still its own.
    @Test
    void anIdThatIsUsedAnewReplacesItsTable() {
        complete(decided(targeting("daily"), Given.NOW));
        catalogs.storage().delete(List.of(layout().manifest("request-1")));
        lake.append(facts, "1 | 2024-02-01 | 20");
        RetrievalResult second =
                complete(decided(targeting("daily"), Given.NOW.plusSeconds(1))).orElseThrow();
        assertThat(second.getTarget().getStatus()).isEqualTo(TargetStatus.COMMITTED);
        assertThat(lake.writer().loadTable(identifier()).currentSnapshot().summary())
                .containsEntry("firn.content-digest", second.getContentDigest());
    }

    @Test
    void theTableOfAStandingRetrievalNamesTheTargetTablesThatItReads() {
        facts.updateProperties().set("firn.owner", "firn/standing/other").commit();
        complete(decided(run("daily.r1.0123456789abcdef"), Given.NOW));
        assertThat(lake.writer().loadTable(identifier()).properties())
                .containsEntry("firn.made-from", facts.uuid().toString());
    }

    @Test
    void aTargetThatBecameForeignSinceItWasCheckedIsSaidSo() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        lake.writer().createTable(identifier(), facts.schema());
        RetrievalResult announced = complete(outcome).orElseThrow();
        TargetOutcome target = announced.getTarget();
        assertThat(target.getStatus()).isEqualTo(TargetStatus.NOT_COMMITTED);
        assertThat(target.getCode()).isEqualTo(Code.TARGET_NOT_OWNED.name());
        assertThat(target.getFault()).isEqualTo(Fault.REQUEST);
        assertThat(announced.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        // decided is decided
        lake.writer().dropTable(identifier());
        assertThat(complete(outcome)).contains(announced);
    }

    @Test
    void anOutageWaitsAndThenSaysSo() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        Catalogs away = lake.writingCatalogs();
        away.close();
        TargetCommits commits = new TargetCommits(new TargetTables(away), results, "firn", LIMIT, Clock.systemUTC());
        assertThat(commits.complete(outcome, Duration.ZERO, () -> {})).isEmpty();
        assertThat(commits.complete(outcome, LIMIT.minusSeconds(1), () -> {})).isEmpty();
        assertThat(results.findTarget(outcome)).isEmpty();

        RetrievalResult announced = commits.complete(outcome, LIMIT, () -> {}).orElseThrow();
        assertThat(announced.getTarget().getCode()).isEqualTo(Code.TARGET_UNAVAILABLE.name());
        assertThat(announced.getTarget().getFault()).isEqualTo(Fault.SERVICE);
        assertThat(announced.getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(complete(outcome)).contains(announced);
    }

    /// A copy of a large result, or a catalog that hangs, would hold up the commands of others.
    @Test
    void aCommandLeavesTheCommitToTheRequest() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        assertThat(commits().noted(outcome, LIMIT.minusSeconds(1), () -> {})).isEmpty();
        assertThat(lake.writer().tableExists(identifier())).isFalse();

        Optional<RetrievalResult> announced = complete(outcome);
        assertThat(announced).isPresent();
        assertThat(commits().noted(outcome, Duration.ZERO, () -> {})).isEqualTo(announced);
    }

    /// Its record may have become a dead letter.
    @Test
    void aCommandCommitsForARequestThatDoesNot() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        RetrievalResult announced = commits().noted(outcome, LIMIT, () -> {}).orElseThrow();
        assertThat(announced.getTarget().getStatus()).isEqualTo(TargetStatus.COMMITTED);
    }

    @Test
    void aNoteThatCannotBeReadIsNotDecidedAgain() {
        Manifest outcome = decided(targeting("daily"), Given.NOW);
        catalogs.storage()
                .putIfAbsent(TargetNote.location(outcome), "{\"target_version\": 2}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> complete(outcome)).isInstanceOf(UnreadableOutcome.class);
        assertThat(lake.writer().tableExists(identifier())).isFalse();
    }

    private static TableIdentifier identifier() {
        return TableIdentifier.of("features", "daily");
    }

    private static RetrievalRequest.Builder targeting(String table) {
        return request(ids("id", "1"), "facts:value").setTarget("iceberg.features." + table);
    }

    private static RetrievalRequest.Builder run(String id) {
        return targeting("daily").setRequestId(id).setStandingId("daily");
    }

    private TargetCommits commits() {
        return new TargetCommits(
                new TargetTables(catalogs), results, "firn", LIMIT, Clock.fixed(Given.NOW, ZoneOffset.UTC));
    }

    private Optional<RetrievalResult> complete(Manifest outcome) {
        return commits().complete(outcome, Duration.ZERO, () -> {});
    }

    /// The outcome of a real retrieval.
    private Manifest decided(RetrievalRequest.Builder asked, Instant at) {
        RetrievalRequest request = asked.build();
        Retrieval retrieval = new Retrieval(
                catalogs,
                new MemoryBudget(256L << 20),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000L),
                        1_000,
                        new ScanSettings(1, 1_024),
                        null,
                        Duration.ofMinutes(1),
                        "",
                        Refresh.Settings.OFF,
                        "firn"));
        String folder = layout().filesFolder(request.getRequestId(), 1, "token" + tries++);
        Completed completed = retrieval.run(
                new Retrieval.Task(request, Given.NOW, lake.views(), null, folder, new Cancellation(), Progress.NONE));
        RetrievalResult result = Outcomes.succeeded(request, "digest", completed, at)
                .setAttempt(1)
                .setManifestLocation(results.manifestLocation(request.getRequestId()))
                .build();
        return results.decide(
                new Manifest(result, request, completed.pins(), "worker", "", null, completed.madeFrom(), null));
    }
}
