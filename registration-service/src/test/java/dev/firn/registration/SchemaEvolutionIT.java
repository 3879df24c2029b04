package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.FeatureSpec;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.TableCommit;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What happens to a view when its table's columns change, from Trino's DDL to the registry's record.
@WithStack
final class SchemaEvolutionIT {
    private static WatchedTables tables;
    private static Trino trino;

    @BeforeAll
    static void start(TestStack stack, Trino shared) {
        trino = shared;
        tables = new WatchedTables(stack, trino);
    }

    @AfterAll
    static void stop() {
        tables.close();
    }

    @Test
    void aRenamedFeatureIsFollowedByItsFieldId() {
        FeatureView before = register("renamed", Views.feature("orders", "int64"));
        tables.alter("renamed", "RENAME COLUMN orders TO order_count");

        FeatureView after = tables.awaitView("renamed", view -> column(view).equals("order_count"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getVersion()).isEqualTo(before.getVersion());
        assertThat(feature(after).getName()).isEqualTo("orders");
        assertThat(feature(after).getFieldId()).isEqualTo(feature(before).getFieldId());
        TableCommit commit = tables.awaitCommit("renamed");
        assertThat(commit.getKind()).isEqualTo(CommitKind.SCHEMA);
        assertThat(commit.getContentChanged()).isFalse();
    }

    @Test
    void renamedKeysAndTimestampsAreFollowedToo() {
        register("keys", Views.feature("orders", "int64"));
        tables.alter("keys", "RENAME COLUMN customer_id TO client", "RENAME COLUMN updated_at TO changed_at");

        FeatureView after = tables.awaitView(
                "keys", view -> view.getSource().getTimestamp().getColumn().equals("changed_at"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getEntities().getFirst().getName()).isEqualTo("customer_id");
        assertThat(after.getEntities().getFirst().getColumn()).isEqualTo("client");
    }

    @Test
    void widenedColumnsAreFollowedWhileTheirDtypeAcceptsThem() {
        register(
                "widened",
                Views.feature("orders", "int64"),
                Views.feature("score", "float64"),
                Views.feature("amount", "decimal(12,2)"));
        tables.alter(
                "widened",
                "ALTER COLUMN orders SET DATA TYPE bigint",
                "ALTER COLUMN score SET DATA TYPE double",
                "ALTER COLUMN amount SET DATA TYPE decimal(12,2)");

        FeatureView after = tables.awaitView("widened", view -> types(view).contains("decimal(12, 2)"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(types(after)).containsExactly("long", "double", "decimal(12, 2)");
    }

    @Test
    void aColumnWidenedBeyondItsDtypeBreaksTheViewUntilItIsRegisteredWithTheNewOne() {
        register("narrow", Views.feature("orders", "int32"));
        tables.alter("narrow", "ALTER COLUMN orders SET DATA TYPE bigint");

        Violation reason = awaitBroken("narrow");
        assertThat(reason.getCode()).isEqualTo(Code.TYPE_CHANGED.name());
        assertThat(reason.getField()).isEqualTo("features[0]");
        assertThat(reason.getMessage()).contains("orders").contains("long").contains("int32");

        RegistrationResult again = registerAgain(request("narrow", Views.feature("orders", "int64")));
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(again.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(again.getVersion()).isEqualTo(2);
    }

    @Test
    void aRepairedColumnMakesTheViewActiveAgain() {
        register("repaired_type", Views.feature("orders", "int32"));
        tables.alter("repaired_type", "ALTER COLUMN orders SET DATA TYPE bigint");
        awaitBroken("repaired_type");
        replace("repaired_type", "SELECT customer_id, CAST(orders AS integer) orders, updated_at");

        assertThat(awaitActive("repaired_type").getVersion()).isEqualTo(1);
    }

    @Test
    void aDroppedColumnBreaksTheViewAndARebuiltTableRepairsIt() {
        register("dropped", Views.feature("orders", "int64"), Views.feature("score", "float64"));
        tables.alter("dropped", "DROP COLUMN score");

        Violation reason = awaitBroken("dropped");
        assertThat(reason.getCode()).isEqualTo(Code.COLUMN_DROPPED.name());
        assertThat(reason.getField()).isEqualTo("features[1]");
        assertThat(reason.getMessage()).contains("score");

        replace("dropped", "SELECT customer_id, orders, 0.5e0 score, updated_at");
        FeatureView repaired = awaitActive("dropped");
        assertThat(repaired.getVersion()).isEqualTo(1);
        assertThat(repaired.getReasons()).isEmpty();
        assertThat(types(repaired)).containsExactly("int", "double");
    }

    @Test
    void aDroppedTimestampBreaksTheViewAtItsField() {
        register("timeless", Views.feature("orders", "int64"));
        tables.alter("timeless", "DROP COLUMN updated_at");

        Violation reason = awaitBroken("timeless");
        assertThat(reason.getCode()).isEqualTo(Code.COLUMN_DROPPED.name());
        assertThat(reason.getField()).isEqualTo("source.timestamp_field");
    }

    @Test
    void aColumnDroppedAndAddedAgainBreaksTheViewUntilItIsRegisteredAgain() {
        FeatureView before = register("readded", Views.feature("orders", "int64"));
        tables.alter("readded", "DROP COLUMN orders", "ADD COLUMN orders bigint");

        Violation reason = awaitBroken("readded");
        assertThat(reason.getCode()).isEqualTo(Code.COLUMN_DROPPED.name());
        tables.awaitView(
                "readded",
                view -> view.getReasons().stream()
                        .anyMatch(why -> why.getMessage().contains("register the view again")));

        RegistrationResult again = registerAgain(request("readded", Views.feature("orders", "int64")));
        assertThat(again.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(feature(again.getFeatureView()).getFieldId())
                .isNotEqualTo(feature(before).getFieldId());
    }

    @Test
    void aViewIsRegisteredAgainWithAddedColumns() {
        register("grown", Views.feature("orders", "int64"));
        tables.alter("grown", "ADD COLUMN returns integer", "RENAME COLUMN orders TO order_count");
        tables.awaitView("grown", view -> column(view).equals("order_count"));

        RegistrationRequest updated = RegistrationRequest.newBuilder(
                        request("grown", Views.feature("orders", "int64"), Views.feature("returns", "int32")))
                .setFieldMapping(Map.of("order_count", "orders"))
                .build();
        RegistrationResult again = registerAgain(updated);
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(again.getFeatureView().getFeatures())
                .extracting(ResolvedColumn::getColumn)
                .containsExactly("order_count", "returns");
    }

    @Test
    void aReplacedTableIsResolvedByNameAndType() {
        FeatureView before = register("rebuilt", Views.feature("orders", "int64"));
        replace("rebuilt", "SELECT updated_at, CAST(7 AS bigint) orders, customer_id");

        FeatureView after =
                tables.awaitView("rebuilt", view -> feature(view).getType().equals("long"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getVersion()).isEqualTo(1);
        assertThat(after.getSource().getContentSnapshotId())
                .isNotEqualTo(before.getSource().getContentSnapshotId());
        TableCommit commit = tables.awaitCommit("rebuilt");
        assertThat(commit.getKind()).isEqualTo(CommitKind.REPLACED);
    }

    /// Unlike `CREATE OR REPLACE`, which keeps the field ids of columns with the same names.
    @Test
    void aTableDroppedAndCreatedAgainIsResolvedByNameAndType() {
        FeatureView before = register("recreated", Views.feature("orders", "int64"));
        trino.execute(
                "DROP TABLE " + tables.name("recreated"),
                "CREATE TABLE %s (updated_at timestamp(6) with time zone, orders bigint, customer_id bigint)"
                        .formatted(tables.name("recreated")),
                "INSERT INTO %s VALUES (TIMESTAMP '2024-01-01 00:00:00 UTC', 2, 1)"
                        .formatted(tables.name("recreated")));
        tables.hint("recreated");

        FeatureView after =
                tables.awaitView("recreated", view -> feature(view).getType().equals("long"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getEntities().getFirst().getFieldId())
                .isNotEqualTo(before.getEntities().getFirst().getFieldId());
    }

    @Test
    void aReplacedTableWithoutAColumnBreaksTheView() {
        register("rebuilt_bare", Views.feature("orders", "int64"));
        replace("rebuilt_bare", "SELECT customer_id, 1 order_s, updated_at");

        Violation reason = awaitBroken("rebuilt_bare");
        assertThat(reason.getCode()).isEqualTo(Code.COLUMN_NOT_FOUND.name());
        assertThat(reason.getSuggestion()).isEqualTo("order_s");
    }

    private static FeatureView register(String view, FeatureSpec... features) {
        String name = tables.name(view);
        trino.execute(
                "CREATE TABLE %s (customer_id bigint, orders integer, score real, amount decimal(10,2), updated_at timestamp(6) with time zone)"
                        .formatted(name),
                "INSERT INTO %s VALUES (1, 2, 0.5, 1.25, TIMESTAMP '2024-01-01 00:00:00 UTC')".formatted(name));
        return tables.register(request(view, features)).getFeatureView();
    }

    private static RegistrationResult registerAgain(RegistrationRequest request) {
        return tables.register(RegistrationRequest.newBuilder(request)
                .setRequestId("again-" + request.getName())
                .build());
    }

    private static void replace(String view, String select) {
        trino.execute("CREATE OR REPLACE TABLE %1$s AS %2$s FROM %1$s".formatted(tables.name(view), select));
        tables.hint(view);
    }

    private static Violation awaitBroken(String view) {
        return tables.awaitStatus(view, ViewStatus.BROKEN).getReasons().getFirst();
    }

    /// Waits until the view is active after it was broken.
    private static FeatureView awaitActive(String view) {
        List<FeatureView> records =
                tables.registry.views().awaitMatching(record -> record.getName().equals(view), 3);
        assertThat(records)
                .extracting(FeatureView::getStatus)
                .startsWith(ViewStatus.ACTIVE, ViewStatus.BROKEN)
                .endsWith(ViewStatus.ACTIVE);
        return records.getLast();
    }

    private static ResolvedColumn feature(FeatureView view) {
        return view.getFeatures().getFirst();
    }

    private static String column(FeatureView view) {
        return feature(view).getColumn();
    }

    private static List<String> types(FeatureView view) {
        return view.getFeatures().stream().map(ResolvedColumn::getType).toList();
    }

    private static RegistrationRequest request(String view, FeatureSpec... features) {
        return tables.request("register-" + view, view)
                .setFeatures(List.of(features))
                .build();
    }
}
