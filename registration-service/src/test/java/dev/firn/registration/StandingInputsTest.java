package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingStatus;
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewUse;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A standing retrieval runs when something that it reads moves, and at no other time.
final class StandingInputsTest {
    private static final String SPINE = "iceberg.gold.orders";

    private final RegistryFixture registry = new RegistryFixture("firn.refresh.poll-interval", "10s");
    /// The snapshot of each branch of [Views]' table, by its name; the main branch is "".
    private final Map<String, Long> branches = new HashMap<>(Map.of("", 100L, "audit", 500L));

    @BeforeEach
    void register() {
        registry.catalog.tables.put(
                Views.TABLE,
                asked ->
                        present(Views.TABLE, asked, branches.getOrDefault(asked.ref() == null ? "" : asked.ref(), 0L)));
        showSpine(7, 7, 0);
        registry.register("v1");
        registry.lookAll();
        registry.commits();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void runsOnceTheTableOfItsSpineHasBeenLookedAtAndPinsIt() {
        RetrievalRequest run = created(overSpine(spine().build()));

        assertThat(run.getPins().getSpineSnapshotId()).isEqualTo(7);
        assertThat(run.getPins().getSpineMetadataLocation()).isEqualTo("s3://lake/t/metadata/7.json");
        assertThat(registry.runs()).isEmpty();
        assertThat(registry.commits())
                .as("the first look at a table is not a commit")
                .isEmpty();
    }

    @Test
    void runsWhenTheTableOfItsSpineGetsACommit() {
        answer(created(overSpine(spine().build())));
        showSpine(8, 8, 0);
        hintSpine();

        RetrievalRequest run = registry.runs().getFirst();
        assertThat(run.getRequestId()).startsWith("daily.r2.");
        assertThat(run.getPins().getSpineSnapshotId()).isEqualTo(8);
        assertThat(registry.commits()).hasSize(1);
        answer(run);
        hintSpine();
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void runsWhenTheColumnsOfItsSpineChange() {
        answer(created(overSpine(spine().build())));
        showSpine(7, 7, 1);
        hintSpine();

        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void doesNotRunWhenTheTableOfItsSpineIsCompacted() {
        answer(created(overSpine(spine().build())));
        showSpine(8, 7, 0);
        hintSpine();

        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void neverLooksAtATableWhoseSnapshotTheSpineNames() {
        registry.catalog.looked.clear();
        RetrievalRequest run = created(overSpine(spine().setSnapshotId(3L).build()));
        answer(run);
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();

        assertThat(registry.catalog.looked).doesNotContain(SPINE);
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void runsWhenTheTableOfItsSpineGoesAndWhenItComesBack() {
        answer(created(overSpine(spine().build())));
        registry.catalog.tables.put(
                SPINE,
                asked ->
                        new TableLook.Missing(SPINE, asked.ref(), asked.before(), Code.TABLE_NOT_FOUND.name(), "gone"));
        hintSpine();
        answer(registry.runs().getFirst());

        showSpine(9, 9, 0);
        hintSpine();
        assertThat(registry.runs()).hasSize(1);
    }

    /// An outage must not hold back the answer, which is then the worker's.
    @Test
    void runsWithoutAPinOfItsSpineWhileTheCatalogIsAway() {
        registry.catalog.tables.put(SPINE, asked -> {
            throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away", null);
        });
        RetrievalRequest run = created(overSpine(spine().build()));
        assertThat(run.getPins().getSpineMetadataLocation()).isNull();
        answer(run);

        showSpine(7, 7, 0);
        hintSpine();
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void runsWhenTheRefMovesThatOnlyTheRequestReads() {
        answer(created(uses(use().setRef("audit").build())));
        branches.put("audit", 501L);
        registry.hintAndLook();

        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void doesNotRunWhenOnlyTheRefOfTheViewMovesThatTheRequestDoesNotRead() {
        answer(created(uses(use().setRef("audit").build())));
        branches.put("", 101L);
        registry.hintAndLook();
        assertThat(registry.views().getLast().getSource().getSnapshotId()).isEqualTo(101);

        assertThat(registry.runs()).isEmpty();
        assertThat(registry.standing().getLast().getDirty()).isFalse();
    }

    /// Two uses of one view: the other one reads the view's own ref.
    @Test
    void runsWhenEitherRefMovesIfBothAreRead() {
        StandingRequest request = uses(use().setRef("audit").setAlias("audited").build());
        answer(created(StandingRequest.newBuilder(request)
                .setRetrieval(RetrievalRequest.newBuilder(request.getRetrieval())
                        .setFeatures(List.of("customer_features:total_orders", "audited:total_orders"))
                        .setFullFeatureNames(true)
                        .build())
                .build()));
        branches.put("", 101L);
        registry.hintAndLook();
        answer(registry.runs().getFirst());
        branches.put("audit", 501L);
        registry.hintAndLook();

        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void neverRunsForAViewThatTheRequestPinsToASnapshot() {
        for (ViewUse pinned : List.of(
                use().setSnapshotId(90L).build(),
                use().setSnapshotAsOf(Instant.EPOCH).build())) {
            answer(created(uses(pinned)));
            branches.merge("", 1L, Long::sum);
            registry.hintAndLook();
            assertThat(registry.runs()).isEmpty();
            registry.send(Standings.cancel("cancel-" + branches.get("")));
        }
    }

    @Test
    void runsForAViewPinnedToASnapshotWhenItsDefinitionChanges() {
        answer(created(uses(use().setSnapshotId(90L).build())));
        registry.send(Views.request("v2").setTtlMicros(7L).build());
        registry.validateAll();

        assertThat(registry.runs()).hasSize(1);
    }

    /// The snapshot still has what the table has lost.
    @Test
    void isNotSuspendedByABrokenViewThatItReadsAtASnapshot() {
        answer(created(uses(use().setSnapshotId(90L).build())));
        registry.catalog.showNothing();
        registry.hintAndLook();

        assertThat(registry.runs()).isEmpty();
        assertThat(registry.standing().getLast().getStatus()).isEqualTo(StandingStatus.ACTIVE);
    }

    @Test
    void nobodyLooksAtTheTableOfASpineOnceItIsCancelledOrChanged() {
        answer(created(overSpine(spine().build())));
        registry.send(Standings.cancel("c2"));
        registry.catalog.looked.clear();
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();

        assertThat(registry.catalog.looked).contains(Views.TABLE).doesNotContain(SPINE);
    }

    /// The spine's table stays watched after the last view that reads it was dropped.
    @Test
    void looksAtATableThatIsBothASpineAndAViews() {
        RetrievalRequest other = created(StandingRequest.newBuilder(
                        overSpine(spine().setTable(Views.TABLE).build()))
                .setRetrieval(Standings.retrieval()
                        .setSpine(spine().setTable(Views.TABLE).build())
                        .setFeatures(List.of("nobody:x"))
                        .build())
                .build());
        answer(other);
        registry.send(Views.drop("v2"));
        registry.tick();
        branches.put("", 101L);
        registry.hintAndLook();

        assertThat(registry.runs()).hasSize(1);
    }

    /// A registration finds the table before the watcher has looked at it again.
    @Test
    void hearsOfASpineThatAppearsWithAView() {
        registry.catalog.tables.put(SPINE, asked -> missing(SPINE, asked, Code.TABLE_NOT_FOUND));
        answer(created(overSpine(spine().build())));
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();
        registry.catalog.tables.put(SPINE, asked -> present(SPINE, asked, new KnownState(Views.UUID, 100L, 0, 100L)));
        register(source -> source.setTableName("orders"));

        hintSpine();
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();

        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void hearsOfABranchThatAppearsWithAView() {
        branches.remove("audit");
        registry.catalog.tables.put(Views.TABLE, asked -> {
            Long at = branches.get(asked.ref() == null ? "" : asked.ref());
            return at == null ? missing(Views.TABLE, asked, Code.REF_NOT_FOUND) : present(Views.TABLE, asked, at);
        });
        answer(created(uses(use().setRef("audit").build())));
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();
        branches.put("audit", 100L);
        register(source -> source.setRef("audit"));

        registry.hintAndLook();
        registry.pass(Duration.ofMinutes(1));
        registry.lookAll();

        assertThat(registry.runs()).hasSize(1);
    }

    private void register(Consumer<TableSource.Builder> change) {
        RegistrationRequest.Builder request = Views.request("v9", "other");
        TableSource.Builder source = TableSource.newBuilder(request.getSource());
        change.accept(source);
        registry.send(request.setSource(source.build()).build());
        registry.validateAll();
        assertThat(registry.results()).hasSize(1);
    }

    private static TableLook missing(String table, LookRequest asked, Code code) {
        return new TableLook.Missing(table, asked.ref(), asked.before(), code.name(), "gone");
    }

    private RetrievalRequest created(StandingRequest request) {
        registry.send(request);
        registry.tick();
        registry.lookAll();
        registry.standing();
        List<RetrievalRequest> runs = registry.runs();
        assertThat(runs).hasSize(1);
        return runs.getFirst();
    }

    private void answer(RetrievalRequest run) {
        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));
    }

    private void hintSpine() {
        registry.send(TableHint.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("gold")
                .setTableName("orders")
                .build());
        registry.tick();
        registry.lookAll();
    }

    private void showSpine(long snapshot, long content, int schemaId) {
        registry.catalog.tables.put(
                SPINE, asked -> present(SPINE, asked, new KnownState("spine", snapshot, schemaId, content)));
    }

    private static TableLook present(String table, LookRequest asked, long snapshot) {
        return present(table, asked, new KnownState(Views.UUID, snapshot, 0, snapshot));
    }

    private static TableLook present(String table, LookRequest asked, KnownState now) {
        return new TableLook.Present(
                table,
                asked.ref(),
                asked.before(),
                now,
                CommitKind.APPEND,
                true,
                "s3://lake/t/metadata/%d.json".formatted(now.snapshotId()),
                "s3://lake/t",
                1_700_000_000_000_000L);
    }

    private static Spine.Builder spine() {
        return Spine.newBuilder().setKind(SpineKind.TABLE).setTable(SPINE);
    }

    private static StandingRequest overSpine(Spine spine) {
        return request(Standings.retrieval().setSpine(spine).build());
    }

    private static ViewUse.Builder use() {
        return ViewUse.newBuilder().setView("customer_features");
    }

    private static StandingRequest uses(ViewUse use) {
        return request(Standings.retrieval().setViews(List.of(use)).build());
    }

    private static StandingRequest request(RetrievalRequest retrieval) {
        return StandingRequest.newBuilder(Standings.create("c-" + retrieval.hashCode()))
                .setRetrieval(retrieval)
                .build();
    }
}
