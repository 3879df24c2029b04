package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.catalog.BoundColumn;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.StateJson;
import dev.firn.registration.table.TableEntry;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.registration.view.ViewRefresh;
import dev.firn.registration.view.ViewTable;
import dev.firn.schemas.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "The way of a refresh": from a look at the catalog to commits and updated views.
final class RefreshTest {
    private static final Schema WITHOUT_TOTAL = new Schema(
            Types.NestedField.required(1, "customer_id", Types.LongType.get()),
            Types.NestedField.optional(3, "avg_order_value", Types.DoubleType.get()),
            Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone()));
    private static final Schema RENUMBERED = new Schema(
            Types.NestedField.required(11, "customer_id", Types.LongType.get()),
            Types.NestedField.optional(12, "total_orders", Types.LongType.get()),
            Types.NestedField.optional(13, "avg_order_value", Types.DoubleType.get()),
            Types.NestedField.optional(14, "updated_at", Types.TimestampType.withZone()));

    private final RegistryFixture registry = new RegistryFixture("firn.refresh.poll-interval", "10s");

    @BeforeEach
    void register() {
        registry.catalog.show(state(Views.UUID, 100, 0, 100), CommitKind.UNKNOWN, Views.SCHEMA);
        registry.send(Views.request("r1").build());
        registry.validateAll();
        registry.views();
        registry.results();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void pollsATableThatViewsReadWithoutAHint() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.pass(Duration.ofSeconds(13));
        registry.lookAll();

        TableCommit commit = registry.commits().getFirst();
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getPreviousSnapshotId()).isEqualTo(100);
        assertThat(commit.getSnapshotId()).isEqualTo(101);
        assertThat(commit.getTableName()).isEqualTo("customer_aggregates");
        FeatureView view = registry.views().getFirst();
        assertThat(view.getSource().getSnapshotId()).isEqualTo(101);
        assertThat(view.getSource().getContentSnapshotId()).isEqualTo(101);
        assertThat(view.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(view.getVersion()).isEqualTo(1);
    }

    @Test
    void looksAtOnceWhenHinted() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();

        assertThat(registry.commits()).hasSize(1);
        assertThat(registry.views()).hasSize(1);
    }

    /// Two refs may have the same state. A look at one of them says nothing about a view that now reads the other.
    @Test
    void ignoresALookAtAnotherRefThanTheViewReads() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();
        FeatureView view = registry.views().getFirst();
        KnownState before = KnownState.of(view);
        for (String ref : new String[] {null, "v1"}) {
            TableLook look = new TableLook.Present(
                    ViewTable.of(view),
                    ref,
                    before,
                    state(Views.UUID, 102, 0, 102),
                    CommitKind.APPEND,
                    true,
                    "m",
                    view.getSource().getLocation(),
                    1L);
            TableLook gone = new TableLook.Missing(ViewTable.of(view), ref, before, Code.REF_NOT_FOUND.name(), "gone");
            assertThat(ViewRefresh.refreshed(view, look, null, RegistryFixture.START) == null)
                    .isEqualTo(ref != null);
            assertThat(ViewRefresh.refreshed(view, gone, null, RegistryFixture.START) == null)
                    .isEqualTo(ref != null);
        }
    }

    /// Where looks take longer than the timeout, the next one would be late too.
    @Test
    void appliesALookThatComesAfterTheTimeout() {
        registry.hint();
        registry.tick();
        registry.pass(Duration.ofSeconds(31));
        assertThat(registry.looks.waiting()).isEqualTo(2);
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.looks.runFirst();
        registry.tick();
        assertThat(registry.commits()).hasSize(1);
        assertThat(registry.views()).hasSize(1);

        registry.lookAll();
        assertThat(registry.commits()).isEmpty();
    }

    @Test
    void changesNothingOnDuplicateAndPrematureHints() {
        registry.hintAndLook();
        registry.hintAndLook();
        registry.hintAndLook();

        assertThat(registry.commits()).isEmpty();
        assertThat(registry.views()).isEmpty();
    }

    @Test
    void ignoresHintsOnTablesThatNoViewReads() {
        registry.send(TableHint.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("gold")
                .setTableName("unread")
                .build());
        registry.tick();

        assertThat(registry.looks.waiting()).isZero();
    }

    @Test
    void hasOneLookInFlightPerTable() {
        registry.hint();
        registry.hint();
        registry.tick();
        registry.tick();
        assertThat(registry.looks.waiting()).isEqualTo(1);

        registry.looks.runAll();
        registry.tick();
        assertThat(registry.looks.waiting()).isZero();
    }

    @Test
    void looksAgainForAHintDuringALook() {
        registry.hint();
        registry.tick();
        registry.looks.runAll(); // the look has seen the old state
        registry.hint();
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.tick();
        registry.tick();
        registry.lookAll();

        assertThat(registry.commits()).hasSize(1);
    }

    @Test
    void publishesARollbackBecauseItDiffers() {
        registry.catalog.show(state(Views.UUID, 99, 0, 99), CommitKind.CONTENT, Views.SCHEMA);
        registry.hintAndLook();

        assertThat(registry.commits().getFirst().getSnapshotId()).isEqualTo(99);
        assertThat(registry.views().getFirst().getSource().getContentSnapshotId())
                .isEqualTo(99);
    }

    @Test
    void updatesTheSnapshotButNotTheContentSnapshotOnCompaction() {
        registry.catalog.show(state(Views.UUID, 101, 0, 100), CommitKind.COMPACTION, Views.SCHEMA);
        registry.hintAndLook();

        FeatureView view = registry.views().getFirst();
        assertThat(view.getSource().getSnapshotId()).isEqualTo(101);
        assertThat(view.getSource().getContentSnapshotId()).isEqualTo(100);
    }

    @Test
    void breaksAViewWhoseColumnWasDroppedAndNamesIt() {
        registry.catalog.show(state(Views.UUID, 101, 1, 101), CommitKind.SCHEMA, WITHOUT_TOTAL);
        registry.hintAndLook();

        FeatureView view = registry.views().getFirst();
        assertThat(view.getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(view.getReasons()).extracting(Violation::getField).containsExactly("features[0]");
        assertThat(view.getReasons()).extracting(Violation::getCode).containsExactly(Code.COLUMN_DROPPED.name());
    }

    @Test
    void repairsABrokenViewWhenTheTableIsRolledBack() {
        registry.catalog.show(state(Views.UUID, 101, 1, 101), CommitKind.SCHEMA, WITHOUT_TOTAL);
        registry.hintAndLook();
        registry.views();
        registry.catalog.show(state(Views.UUID, 102, 0, 102), CommitKind.SCHEMA, Views.SCHEMA);
        registry.hintAndLook();

        FeatureView view = registry.views().getFirst();
        assertThat(view.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(view.getReasons()).isEmpty();
    }

    @Test
    void repairsABrokenViewWhenItIsRegisteredAgain() {
        registry.catalog.show(state(Views.UUID, 101, 1, 101), CommitKind.SCHEMA, WITHOUT_TOTAL);
        registry.hintAndLook();
        registry.views();
        registry.verdicts.put("customer_features", request -> Views.accepted(request, 102));
        registry.send(Views.request("r2").build());
        registry.validateAll();

        RegistrationResult result = registry.result();
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.UNCHANGED);
        assertThat(registry.views().getFirst().getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void resolvesAReplacedTableByNameAndTypeAgain() {
        registry.catalog.show(state("other-uuid", 500, 0, 500), CommitKind.REPLACED, RENUMBERED);
        registry.hintAndLook();

        FeatureView view = registry.views().getFirst();
        assertThat(view.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(view.getSource().getTableUuid()).isEqualTo("other-uuid");
        assertThat(view.getEntities().getFirst().getFieldId()).isEqualTo(11);
        assertThat(view.getSource().getTimestamp().getFieldId()).isEqualTo(14);
    }

    @Test
    void neverAppliesOldFieldIdsToAReplacedTable() {
        // in the new table id 2 is another column; total_orders is gone
        Schema replaced = new Schema(
                Types.NestedField.required(1, "customer_id", Types.LongType.get()),
                Types.NestedField.optional(2, "refunds", Types.LongType.get()),
                Types.NestedField.optional(3, "avg_order_value", Types.DoubleType.get()),
                Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone()));
        registry.catalog.show(state("other-uuid", 500, 0, 500), CommitKind.REPLACED, replaced);
        registry.hintAndLook();
        FeatureView broken = registry.views().getFirst();
        assertThat(broken.getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(broken.getFeatures().getFirst().getFieldId()).isEqualTo(BoundColumn.NO_FIELD_ID);

        // a later commit in the new table must not bring id 2 back either
        registry.catalog.show(state("other-uuid", 501, 0, 501), CommitKind.APPEND, replaced);
        registry.hintAndLook();
        FeatureView still = registry.views().getFirst();
        assertThat(still.getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(still.getFeatures().getFirst().getFieldId()).isEqualTo(BoundColumn.NO_FIELD_ID);
    }

    /// In a replaced table one column is missing. The ids of all the others are known there, and they follow by them.
    @Test
    void followsTheOtherColumnsByFieldIdWhileOneIsMissing() {
        registry.catalog.show(
                state("other-uuid", 500, 0, 500),
                CommitKind.REPLACED,
                new Schema(
                        Types.NestedField.required(1, "customer_id", Types.LongType.get()),
                        Types.NestedField.optional(2, "total_orders", Types.LongType.get()),
                        Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone())));
        registry.hintAndLook();
        assertThat(registry.views().getFirst().getStatus()).isEqualTo(ViewStatus.BROKEN);

        registry.catalog.show(
                state("other-uuid", 500, 1, 500),
                CommitKind.SCHEMA,
                new Schema(
                        Types.NestedField.required(1, "customer_id", Types.LongType.get()),
                        Types.NestedField.optional(2, "old_total_orders", Types.LongType.get()),
                        Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone()),
                        Types.NestedField.optional(5, "total_orders", Types.LongType.get())));
        registry.hintAndLook();
        FeatureView renamed = registry.views().getFirst();
        assertThat(renamed.getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(renamed.getFeatures())
                .extracting(ResolvedColumn::getFieldId)
                .containsExactly(2, BoundColumn.NO_FIELD_ID);

        registry.catalog.show(
                state("other-uuid", 500, 2, 500),
                CommitKind.SCHEMA,
                new Schema(
                        Types.NestedField.required(1, "customer_id", Types.LongType.get()),
                        Types.NestedField.optional(2, "old_total_orders", Types.LongType.get()),
                        Types.NestedField.optional(4, "updated_at", Types.TimestampType.withZone()),
                        Types.NestedField.optional(5, "total_orders", Types.LongType.get()),
                        Types.NestedField.optional(6, "avg_order_value", Types.DoubleType.get())));
        registry.hintAndLook();
        FeatureView whole = registry.views().getFirst();
        assertThat(whole.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(whole.getFeatures()).extracting(ResolvedColumn::getFieldId).containsExactly(2, 6);
    }

    @Test
    void breaksAViewOnlyOnADefiniteNotFound() {
        registry.catalog.tables.put(Views.TABLE, asked -> {
            throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "503", null);
        });
        registry.hintAndLook();
        assertThat(registry.views()).isEmpty();

        registry.catalog.showNothing();
        registry.hintAndLook();
        registry.hintAndLook();
        List<FeatureView> views = registry.views();
        assertThat(views).hasSize(1);
        assertThat(views.getFirst().getStatus()).isEqualTo(ViewStatus.BROKEN);
        assertThat(views.getFirst().getReasons())
                .extracting(Violation::getCode)
                .containsExactly(Code.TABLE_NOT_FOUND.name());
        assertThat(registry.commits()).isEmpty();

        registry.catalog.show(state(Views.UUID, 100, 0, 100), CommitKind.UNKNOWN, Views.SCHEMA);
        registry.hintAndLook();
        assertThat(registry.views().getFirst().getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void updatesAViewThatWasRegisteredAtAnOlderSnapshot() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();
        registry.views();
        registry.commits();
        registry.send(Views.request("r2", "late_view").build()); // its verdict saw snapshot 100
        registry.validateAll();
        registry.views();
        registry.tick();
        registry.lookAll();

        FeatureView view = registry.views().getFirst();
        assertThat(view.getName()).isEqualTo("late_view");
        assertThat(view.getSource().getSnapshotId()).isEqualTo(101);
        assertThat(registry.commits()).isEmpty();
    }

    @Test
    void comparesWithTheMetadataFileOfThePreviousLook() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();
        registry.catalog.asked.clear();
        registry.hintAndLook();

        assertThat(registry.catalog.asked)
                .containsExactly(new LookRequest(null, state(Views.UUID, 101, 0, 101), "s3://lake/t/metadata/2.json"));
    }

    @Test
    void firstComparesWithTheMetadataFileOfTheRecord() {
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.catalog.asked.clear();
        registry.hintAndLook();

        assertThat(registry.catalog.asked)
                .allSatisfy(asked -> assertThat(asked.metadataLocation()).isNotNull());
    }

    /// The pool takes two looks at once and twenty tables are due. The longest overdue go first.
    @Test
    void looksAtEveryTableWhileThePoolIsBehind() {
        List<String> tables = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RegistrationRequest.Builder request = Views.request("many" + i, "view" + i);
            request.setSource(TableSource.newBuilder(request.getSource())
                    .setTableName("table" + i)
                    .build());
            registry.send(request.build());
            tables.add("iceberg.gold.table" + i);
            registry.catalog.tables.put(tables.getLast(), registry.catalog.tables.get(Views.TABLE));
        }
        registry.validateAll();
        registry.looks.limitTo(2);
        registry.catalog.looked.clear();
        for (int step = 0; step < 100; step++) {
            registry.pass(Duration.ofMillis(1500));
            registry.lookAll();
        }

        assertThat(tables)
                .allSatisfy(table -> assertThat(registry.catalog.looked.stream().filter(table::equals))
                        .hasSizeGreaterThan(5));
    }

    /// Version 1 kept the watchers of a table inside its entry.
    @Test
    void splitsTheEntryOfATableThatAnOlderVersionWrote() {
        String known = "{\"tableUuid\":\"%s\",\"snapshotId\":100,\"schemaId\":0,\"contentSnapshotId\":100}"
                .formatted(Views.UUID);
        String old =
                "{\"refs\":{\"\":{\"state\":%s,\"missing\":false,\"metadataLocation\":null}},\"watchers\":{\"customer_features\":{\"ref\":null,\"known\":%s,\"missing\":false}}}"
                        .formatted(known, known);
        registry.replace(NodeNames.WATCHERS_STORE, Views.TABLE + "\nview customer_features", null);
        registry.replace(
                NodeNames.TABLES_STORE,
                Views.TABLE,
                StateJson.serde(TableEntry.class)
                        .deserializer()
                        .deserialize("t", old.getBytes(StandardCharsets.UTF_8)));
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();

        assertThat(registry.commits()).hasSize(1);
        assertThat(registry.views()).hasSize(1);
        assertThat(registry.stored(NodeNames.WATCHERS_STORE)).isOne();
        registry.send(Views.drop("r2"));
        assertThat(registry.stored(NodeNames.WATCHERS_STORE)).isZero();
        assertThat(registry.stored(NodeNames.TABLES_STORE)).isZero();
    }

    @Test
    void tellsABoundedNumberOfViewsPerStep() {
        try (RegistryFixture stepwise = new RegistryFixture("firn.refresh.watchers-per-step", "3")) {
            stepwise.catalog.show(state(Views.UUID, 100, 0, 100), CommitKind.UNKNOWN, Views.SCHEMA);
            for (int i = 0; i < 10; i++) {
                stepwise.send(Views.request("r" + i, "view" + i).build());
            }
            stepwise.validateAll();
            stepwise.lookAll();
            stepwise.views();
            stepwise.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
            stepwise.hintAndLook();
            for (int told : List.of(3, 3, 3, 1, 0)) {
                assertThat(stepwise.views()).hasSize(told);
                stepwise.pass(Duration.ofMillis(250));
            }
            assertThat(stepwise.commits()).hasSize(1);
        }
    }

    @Test
    void sendsNoSchemaWhileTheColumnsStay() {
        registry.written("view-commands");
        registry.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
        registry.hintAndLook();

        assertThat(registry.written("view-commands"))
                .singleElement()
                .satisfies(command -> assertThat(command.value())
                        .asString(StandardCharsets.UTF_8)
                        .doesNotContain("avg_order_value"));
    }

    @Test
    void sendsAWideSchemaOnceInPartsAndNotToEachView() {
        for (int i = 0; i < 5; i++) {
            registry.register("r" + i, "view" + i);
        }
        registry.lookAll();
        registry.views();
        registry.written("view-commands");
        List<Types.NestedField> wide = new ArrayList<>(Views.SCHEMA.columns());
        for (int i = 0; i < 20_000; i++) {
            wide.add(Types.NestedField.optional(100 + i, "another_column_" + i, Types.LongType.get()));
        }
        registry.catalog.show(state(Views.UUID, 101, 1, 101), CommitKind.SCHEMA, new Schema(wide));
        registry.hintAndLook();

        assertThat(registry.views())
                .hasSize(6)
                .allSatisfy(view -> assertThat(view.getStatus()).isEqualTo(ViewStatus.ACTIVE))
                .allSatisfy(view -> assertThat(view.getSource().getSchemaId()).isEqualTo(1));
        var commands = registry.written("view-commands");
        assertThat(commands)
                .filteredOn(command -> command.value().length > 10_000)
                .hasSizeBetween(2, 20);
        assertThat(commands).allSatisfy(command -> assertThat(command.value()).hasSizeLessThan(1024 * 1024));
        assertThat(commands)
                .filteredOn(command -> command.value().length <= 10_000)
                .hasSize(6);
    }

    /// Its row says that it knows another state than the table, so one more look compares with that.
    @Test
    void tellsAViewThatIsRegisteredWhileTheOthersAreTold() {
        try (RegistryFixture stepwise = new RegistryFixture("firn.refresh.watchers-per-step", "1")) {
            stepwise.catalog.show(state(Views.UUID, 100, 0, 100), CommitKind.UNKNOWN, Views.SCHEMA);
            for (int i = 0; i < 3; i++) {
                stepwise.send(Views.request("r" + i, "view" + i).build());
            }
            stepwise.validateAll();
            stepwise.lookAll();
            stepwise.catalog.show(state(Views.UUID, 101, 0, 101), CommitKind.APPEND, Views.SCHEMA);
            stepwise.hintAndLook();
            stepwise.send(Views.request("late", "a_late_view").build()); // sorts before the others
            stepwise.validateAll();
            for (int i = 0; i < 6; i++) {
                stepwise.pass(Duration.ofMillis(250));
                stepwise.lookAll();
            }

            assertThat(stepwise.views())
                    .filteredOn(view -> view.getSource().getSnapshotId() == 101)
                    .extracting(FeatureView::getName)
                    .containsExactlyInAnyOrder("view0", "view1", "view2", "a_late_view");
        }
    }

    @Test
    void stopsWatchingWhenTheLastViewIsDropped() {
        registry.send(Views.drop("r2"));
        registry.catalog.looked.clear();
        registry.pass(Duration.ofMinutes(5));
        registry.lookAll();

        assertThat(registry.catalog.looked).isEmpty();
    }

    private static KnownState state(String uuid, long snapshot, int schemaId, long content) {
        return new KnownState(uuid, snapshot, schemaId, content);
    }
}
