package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// From a commit in the catalog to updated views and runs of standing retrievals, over the real parts. The
/// test plays the worker.
@WithStack
final class RefreshIT {
    private static WatchedTables tables;
    private static RealRegistry registry;

    @BeforeAll
    static void start(TestStack stack, Trino trino) {
        tables = new WatchedTables(stack, trino);
        registry = tables.registry;
    }

    @AfterAll
    static void stop() {
        tables.close();
    }

    @Test
    void commitIsPublishedAndTheViewUpdatedAfterAHint() {
        FeatureView registered = register("moving");
        tables.insert("moving", 1, 2, 2);
        long hinted = System.nanoTime();
        tables.hint("moving");

        FeatureView moved = tables.awaitView(
                "moving",
                view -> !view.getSource()
                        .getSnapshotId()
                        .equals(registered.getSource().getSnapshotId()));
        System.out.println("hint to updated view in ms: " + (System.nanoTime() - hinted) / 1_000_000);
        assertThat(moved.getVersion()).isEqualTo(1);
        assertThat(moved.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        TableCommit commit = tables.awaitCommit("moving");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(moved.getSource().getSnapshotId());
        assertThat(commit.getPreviousSnapshotId())
                .isEqualTo(registered.getSource().getSnapshotId());
    }

    @Test
    void droppedColumnBreaksTheViewAndRegisteringAgainRepairsIt() {
        register("breaking");
        tables.alter("breaking", "DROP COLUMN total_orders");
        FeatureView broken = tables.awaitStatus("breaking", ViewStatus.BROKEN);
        assertThat(broken.getReasons()).extracting(Violation::getCode).containsExactly(Code.COLUMN_DROPPED.name());

        tables.alter("breaking", "ADD COLUMN total_orders bigint");
        RegistrationResult result =
                tables.register(tables.request("mend", "breaking").build());
        assertThat(result.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(result.getVersion()).isEqualTo(1);
        assertThat(result.getFeatureView().getFeatures().getFirst().getFieldId())
                .isNotEqualTo(broken.getFeatures().getFirst().getFieldId());
    }

    @Test
    void droppedTableBreaksTheViewAndANewOneRepairsIt(Trino trino) {
        FeatureView before = register("vanishing");
        trino.execute("DROP TABLE " + tables.name("vanishing"));
        tables.hint("vanishing");
        FeatureView broken = tables.awaitStatus("vanishing", ViewStatus.BROKEN);
        assertThat(broken.getReasons().getFirst().getCode()).isEqualTo(Code.TABLE_NOT_FOUND.name());

        tables.create("vanishing");
        tables.hint("vanishing");
        FeatureView repaired = tables.awaitView(
                "vanishing",
                view -> view.getStatus() == ViewStatus.ACTIVE
                        && !view.getSource()
                                .getTableUuid()
                                .equals(before.getSource().getTableUuid()));
        assertThat(repaired.getVersion()).isEqualTo(1);
    }

    @Test
    void standingRetrievalRunsOnCreationAndOnNewCommits() {
        register("standing_view");
        registry.send(
                Topic.STANDING_REQUESTS,
                "daily",
                StandingRequest.newBuilder()
                        .setRequestId("c1")
                        .setStandingId("daily")
                        .setAction(StandingAction.CREATE)
                        .setRetrieval(RetrievalRequest.newBuilder()
                                .setRequestId("unused")
                                .setSpine(Spine.newBuilder()
                                        .setKind(SpineKind.IDS)
                                        .setColumns(List.of("customer_id"))
                                        .setRows(List.of(List.of("1")))
                                        .build())
                                .setFeatures(List.of("standing_view:total_orders"))
                                .build())
                        .build());
        var answers = registry.reader(Topic.RETRIEVAL_RESULTS, RetrievalResult.class);
        answers.await(answer -> answer.getStatus() == RetrievalStatus.CREATED, "the creation");
        var runs = registry.reader(Topic.RETRIEVAL_RUNS, RetrievalRequest.class);
        var first = runs.await(run -> run.getRequestId().startsWith("daily.r1."), "the first run");
        assertThat(first.key()).isEqualTo("daily");
        assertThat(first.value().getSpine().getLocations().getFirst())
                .startsWith("s3://lake/firn-spines/" + registry.namespace + "/daily/");

        tables.insert("standing_view", 1, 2, 2);
        tables.insert("standing_view", 1, 3, 3);
        tables.hint("standing_view");
        awaitDirty();
        answer(first.value());
        RetrievalRequest second = runs.await(run -> run.getRequestId().startsWith("daily.r2."), "the second run")
                .value();
        assertThat(second.getPreviousPins()).isEqualTo(first.value().getPins());
        assertThat(second.getPins().getViews().getFirst().getSnapshotId())
                .isNotEqualTo(first.value().getPins().getViews().getFirst().getSnapshotId());
    }

    @Test
    void standingRetrievalRunsWhenTheTableOfItsSpineGetsACommit() {
        register("spined_view");
        tables.create("spine");
        registry.send(
                Topic.STANDING_REQUESTS,
                "spined",
                StandingRequest.newBuilder()
                        .setRequestId("c2")
                        .setStandingId("spined")
                        .setAction(StandingAction.CREATE)
                        .setRetrieval(RetrievalRequest.newBuilder()
                                .setRequestId("unused")
                                .setSpine(Spine.newBuilder()
                                        .setKind(SpineKind.TABLE)
                                        .setTable("iceberg.%s.spine".formatted(tables.schema))
                                        .setColumns(List.of("customer_id", "updated_at"))
                                        .setTimestampColumn("updated_at")
                                        .build())
                                .setFeatures(List.of("spined_view:total_orders"))
                                .build())
                        .build());
        var runs = registry.reader(Topic.RETRIEVAL_RUNS, RetrievalRequest.class);
        RetrievalRequest first = runs.await(run -> run.getRequestId().startsWith("spined.r1."), "the first run")
                .value();
        assertThat(first.getPins().getSpineSnapshotId()).isNotNull();

        answer(first);
        tables.insert("spine", 2, 2, 2);
        tables.hint("spine");
        RetrievalRequest second = runs.await(run -> run.getRequestId().startsWith("spined.r2."), "the second run")
                .value();
        assertThat(second.getPins().getSpineSnapshotId())
                .isNotEqualTo(first.getPins().getSpineSnapshotId());
        assertThat(second.getPins().getViews()).isEqualTo(first.getPins().getViews());
    }

    private static void awaitDirty() {
        registry.reader(Topic.STANDING_RETRIEVALS, StandingRetrieval.class)
                .await(StandingRetrieval::getDirty, "the dirty bit");
    }

    private static void answer(RetrievalRequest run) {
        registry.send(
                Topic.RETRIEVAL_RESULTS,
                run.getStandingId(),
                RetrievalResult.newBuilder()
                        .setRequestId(run.getRequestId())
                        .setRequestDigest(RequestDigest.of(run))
                        .setStatus(RetrievalStatus.SUCCEEDED)
                        .setMessage("done")
                        .setStandingId(run.getStandingId())
                        .setCompletedAt(Instant.EPOCH)
                        .build());
    }

    private static FeatureView register(String view) {
        tables.create(view);
        return tables.register(tables.request("register-" + view, view).build()).getFeatureView();
    }
}
