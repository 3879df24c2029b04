package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// From a commit in the catalog to moved views and runs of standing retrievals, over the real parts. The worker is
/// played by the test.
@WithStack
final class RefreshIT {
    private static RealRegistry registry;
    private static String schema;

    @BeforeAll
    static void start(TestStack stack, Trino trino) {
        schema = trino.newSchema();
        registry = new RealRegistry(stack).started();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @Test
    void commitIsPublishedAndMovesTheViewAfterAHint(Trino trino) {
        FeatureView registered = register(trino, "moving");
        insert(trino, "moving", 2);
        long hinted = System.nanoTime();
        hint("moving");

        FeatureView moved = registry.views()
                .await(
                        view -> view.getName().equals("moving")
                                && !view.getSource()
                                        .getSnapshotId()
                                        .equals(registered.getSource().getSnapshotId()),
                        "the moved view")
                .value();
        System.out.println("hint to moved view in ms: " + (System.nanoTime() - hinted) / 1_000_000);
        assertThat(moved.getVersion()).isEqualTo(1);
        assertThat(moved.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        TableCommit commit = registry.reader(Topic.TABLE_COMMITS, TableCommit.class)
                .await(seen -> seen.getTableName().equals("moving"), "the commit")
                .value();
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(moved.getSource().getSnapshotId());
        assertThat(commit.getPreviousSnapshotId())
                .isEqualTo(registered.getSource().getSnapshotId());
    }

    @Test
    void droppedColumnBreaksTheViewAndRegisteringAgainMendsIt(Trino trino) {
        register(trino, "breaking");
        trino.execute("ALTER TABLE %s DROP COLUMN total_orders".formatted(table("breaking")));
        hint("breaking");
        FeatureView broken = awaitStatus("breaking", ViewStatus.BROKEN);
        assertThat(broken.getReasons()).hasSize(1);

        trino.execute("ALTER TABLE %s ADD COLUMN total_orders bigint".formatted(table("breaking")));
        hint("breaking");
        registry.send(request("mend", "breaking"));
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("mend"), "the mending registration")
                .value();
        assertThat(result.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(result.getVersion()).isEqualTo(1);
        assertThat(result.getFeatureView().getFeatures().getFirst().getFieldId())
                .isNotEqualTo(broken.getFeatures().getFirst().getFieldId());
    }

    @Test
    void droppedTableBreaksTheViewAndOneOfItsNameMendsIt(Trino trino) {
        FeatureView before = register(trino, "vanishing");
        trino.execute("DROP TABLE " + table("vanishing"));
        hint("vanishing");
        assertThat(awaitStatus("vanishing", ViewStatus.BROKEN)
                        .getReasons()
                        .getFirst()
                        .getCode())
                .isEqualTo("TABLE_NOT_FOUND");

        create(trino, "vanishing");
        hint("vanishing");
        FeatureView mended = registry.views()
                .await(
                        view -> view.getName().equals("vanishing")
                                && view.getStatus() == ViewStatus.ACTIVE
                                && !view.getSource()
                                        .getTableUuid()
                                        .equals(before.getSource().getTableUuid()),
                        "the mended view")
                .value();
        assertThat(mended.getVersion()).isEqualTo(1);
    }

    @Test
    void standingRetrievalRunsOnCreationAndOnNewCommits(Trino trino) {
        register(trino, "standing_view");
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
                .startsWith("s3://lake/results/" + registry.namespace + "/_standing/daily/");

        insert(trino, "standing_view", 2);
        insert(trino, "standing_view", 3);
        hint("standing_view");
        awaitDirty();
        answer(first.value());
        RetrievalRequest second = runs.await(run -> run.getRequestId().startsWith("daily.r2."), "the second run")
                .value();
        assertThat(second.getPreviousPins()).isEqualTo(first.value().getPins());
        assertThat(second.getPins().getViews().getFirst().getSnapshotId())
                .isNotEqualTo(first.value().getPins().getViews().getFirst().getSnapshotId());
    }

    private static void awaitDirty() {
        registry.reader(Topic.STANDING_RETRIEVALS, dev.firn.events.StandingRetrieval.class)
                .await(dev.firn.events.StandingRetrieval::getDirty, "the dirty bit");
    }

    private static void answer(RetrievalRequest run) {
        registry.send(
                Topic.RETRIEVAL_RESULTS,
                run.getStandingId(),
                RetrievalResult.newBuilder()
                        .setRequestId(run.getRequestId())
                        .setRequestDigest("d")
                        .setStatus(RetrievalStatus.SUCCEEDED)
                        .setMessage("done")
                        .setStandingId(run.getStandingId())
                        .setCompletedAt(Instant.EPOCH)
                        .build());
    }

    private static FeatureView awaitStatus(String view, ViewStatus status) {
        return registry.views()
                .await(record -> record.getName().equals(view) && record.getStatus() == status, view + " " + status)
                .value();
    }

    private static FeatureView register(Trino trino, String view) {
        create(trino, view);
        registry.send(request("register-" + view, view));
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("register-" + view), "the registration of " + view)
                .value();
        assertThat(result.getViolations()).isEmpty();
        return result.getFeatureView();
    }

    private static void create(Trino trino, String name) {
        trino.execute(
                "CREATE TABLE %s (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(table(name)));
        insert(trino, name, 1);
    }

    private static void insert(Trino trino, String name, int day) {
        trino.execute("INSERT INTO %s VALUES (1, %d, 0.5, TIMESTAMP '2024-01-0%d 00:00:00 UTC')"
                .formatted(table(name), day, day));
    }

    private static String table(String name) {
        return "iceberg.%s.%s".formatted(schema, name);
    }

    private static void hint(String name) {
        registry.send(
                Topic.TABLE_HINTS,
                null,
                TableHint.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$(schema)
                        .setTableName(name)
                        .setOrigin("test")
                        .build());
    }

    private static RegistrationRequest request(String id, String view) {
        RegistrationRequest.Builder request = Views.request(id, view);
        return request.setSource(TableSource.newBuilder(request.getSource())
                        .setSchema$(schema)
                        .setTableName(view)
                        .build())
                .build();
    }
}
