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
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What becomes of a view when its table's columns change, from Trino's DDL to the registry's record.
@WithStack
final class SchemaEvolutionIT {
    private static RealRegistry registry;
    private static Trino trino;
    private static String schema;

    @BeforeAll
    static void start(TestStack stack, Trino shared) {
        trino = shared;
        schema = trino.newSchema();
        registry = new RealRegistry(stack).started();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @Test
    void aRenamedFeatureIsFollowedByItsFieldId() {
        FeatureView before = register("renamed", Views.feature("orders", "int64"));
        alter("renamed", "RENAME COLUMN orders TO order_count");

        FeatureView after = awaitView("renamed", view -> column(view).equals("order_count"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getVersion()).isEqualTo(before.getVersion());
        assertThat(feature(after).getName()).isEqualTo("orders");
        assertThat(feature(after).getFieldId()).isEqualTo(feature(before).getFieldId());
        TableCommit commit = registry.reader(Topic.TABLE_COMMITS, TableCommit.class)
                .await(seen -> seen.getTableName().equals("renamed"), "the commit")
                .value();
        assertThat(commit.getKind()).isEqualTo(CommitKind.SCHEMA);
        assertThat(commit.getContentChanged()).isFalse();
    }

    @Test
    void renamedKeysAndTimestampsAreFollowedToo() {
        register("keys", Views.feature("orders", "int64"));
        alter("keys", "RENAME COLUMN customer_id TO client", "RENAME COLUMN updated_at TO changed_at");

        FeatureView after = awaitView(
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
        alter(
                "widened",
                "ALTER COLUMN orders SET DATA TYPE bigint",
                "ALTER COLUMN score SET DATA TYPE double",
                "ALTER COLUMN amount SET DATA TYPE decimal(12,2)");

        FeatureView after = awaitView("widened", view -> types(view).contains("decimal(12, 2)"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(types(after)).containsExactly("long", "double", "decimal(12, 2)");
    }

    @Test
    void aColumnWidenedBeyondItsDtypeBreaksTheViewUntilItIsRegisteredWithTheNewOne() {
        register("narrow", Views.feature("orders", "int32"));
        alter("narrow", "ALTER COLUMN orders SET DATA TYPE bigint");

        Violation reason = awaitBroken("narrow");
        assertThat(reason.getCode()).isEqualTo("TYPE_CHANGED");
        assertThat(reason.getField()).isEqualTo("features[0]");
        assertThat(reason.getMessage()).contains("orders").contains("long").contains("int32");

        RegistrationResult again = registerAgain("narrow", request("narrow", Views.feature("orders", "int64")));
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(again.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(again.getVersion()).isEqualTo(2);
    }

    @Test
    void anIncompatibleColumnThatIsMendedMakesTheViewActiveAgain() {
        register("mended_type", Views.feature("orders", "int32"));
        alter("mended_type", "ALTER COLUMN orders SET DATA TYPE bigint");
        awaitBroken("mended_type");
        replace("mended_type", "SELECT customer_id, CAST(orders AS integer) orders, updated_at");

        assertThat(awaitActive("mended_type").getVersion()).isEqualTo(1);
    }

    @Test
    void aDroppedColumnBreaksTheViewAndATableThatHasItAgainMendsIt() {
        register("dropped", Views.feature("orders", "int64"), Views.feature("score", "float64"));
        alter("dropped", "DROP COLUMN score");

        Violation reason = awaitBroken("dropped");
        assertThat(reason.getCode()).isEqualTo("COLUMN_DROPPED");
        assertThat(reason.getField()).isEqualTo("features[1]");
        assertThat(reason.getMessage()).contains("score");

        replace("dropped", "SELECT customer_id, orders, 0.5e0 score, updated_at");
        FeatureView mended = awaitActive("dropped");
        assertThat(mended.getVersion()).isEqualTo(1);
        assertThat(mended.getReasons()).isEmpty();
        assertThat(types(mended)).containsExactly("int", "double");
    }

    @Test
    void aDroppedTimestampBreaksTheViewAtItsField() {
        register("timeless", Views.feature("orders", "int64"));
        alter("timeless", "DROP COLUMN updated_at");

        Violation reason = awaitBroken("timeless");
        assertThat(reason.getCode()).isEqualTo("COLUMN_DROPPED");
        assertThat(reason.getField()).isEqualTo("source.timestamp_field");
    }

    @Test
    void aColumnDroppedAndAddedAgainIsAnotherOneUntilTheViewIsRegisteredAgain() {
        FeatureView before = register("readded", Views.feature("orders", "int64"));
        alter("readded", "DROP COLUMN orders", "ADD COLUMN orders bigint");

        Violation reason = awaitBroken("readded");
        assertThat(reason.getCode()).isEqualTo("COLUMN_DROPPED");
        awaitView(
                "readded",
                view -> view.getReasons().stream()
                        .anyMatch(why -> why.getMessage().contains("register the view again")));

        RegistrationResult again = registerAgain("readded", request("readded", Views.feature("orders", "int64")));
        assertThat(again.getFeatureView().getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(feature(again.getFeatureView()).getFieldId())
                .isNotEqualTo(feature(before).getFieldId());
    }

    @Test
    void aViewIsRegisteredAgainWithTheColumnsThatCame() {
        register("grown", Views.feature("orders", "int64"));
        alter("grown", "ADD COLUMN returns integer", "RENAME COLUMN orders TO order_count");
        awaitView("grown", view -> column(view).equals("order_count"));

        RegistrationRequest updated = RegistrationRequest.newBuilder(
                        request("grown", Views.feature("orders", "int64"), Views.feature("returns", "int32")))
                .setFieldMapping(Map.of("order_count", "orders"))
                .build();
        RegistrationResult again = registerAgain("grown", updated);
        assertThat(again.getStatus()).isEqualTo(RegistrationStatus.UPDATED);
        assertThat(again.getFeatureView().getFeatures())
                .extracting(ResolvedColumn::getColumn)
                .containsExactly("order_count", "returns");
    }

    @Test
    void aTableBuiltAnewIsResolvedByNameAndType() {
        FeatureView before = register("rebuilt", Views.feature("orders", "int64"));
        replace("rebuilt", "SELECT updated_at, CAST(7 AS bigint) orders, customer_id");

        FeatureView after = awaitView("rebuilt", view -> feature(view).getType().equals("long"));
        assertThat(after.getStatus()).isEqualTo(ViewStatus.ACTIVE);
        assertThat(after.getVersion()).isEqualTo(1);
        assertThat(after.getSource().getContentSnapshotId())
                .isNotEqualTo(before.getSource().getContentSnapshotId());
        TableCommit commit = registry.reader(Topic.TABLE_COMMITS, TableCommit.class)
                .await(seen -> seen.getTableName().equals("rebuilt"), "the commit")
                .value();
        assertThat(commit.getKind()).isEqualTo(CommitKind.REPLACED);
    }

    @Test
    void aTableBuiltAnewWithoutAColumnBreaksTheView() {
        register("rebuilt_bare", Views.feature("orders", "int64"));
        replace("rebuilt_bare", "SELECT customer_id, 1 order_s, updated_at");

        Violation reason = awaitBroken("rebuilt_bare");
        assertThat(reason.getCode()).isEqualTo("COLUMN_NOT_FOUND");
        assertThat(reason.getSuggestion()).isEqualTo("order_s");
    }

    private static FeatureView register(String view, FeatureSpec... features) {
        trino.execute(
                "CREATE TABLE %s (customer_id bigint, orders integer, score real, amount decimal(10,2), updated_at timestamp(6) with time zone)"
                        .formatted(table(view)),
                "INSERT INTO %s VALUES (1, 2, 0.5, 1.25, TIMESTAMP '2024-01-01 00:00:00 UTC')".formatted(table(view)));
        registry.send(request(view, features));
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("register-" + view), "the registration of " + view)
                .value();
        assertThat(result.getViolations()).isEmpty();
        return result.getFeatureView();
    }

    private static RegistrationResult registerAgain(String view, RegistrationRequest request) {
        String id = "again-" + view;
        registry.send(RegistrationRequest.newBuilder(request).setRequestId(id).build());
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals(id), id)
                .value();
        assertThat(result.getViolations()).isEmpty();
        return result;
    }

    private static void alter(String view, String... changes) {
        for (String change : changes) {
            trino.execute("ALTER TABLE %s %s".formatted(table(view), change));
        }
        hint(view);
    }

    private static void replace(String view, String select) {
        trino.execute("CREATE OR REPLACE TABLE %1$s AS %2$s FROM %1$s".formatted(table(view), select));
        hint(view);
    }

    private static Violation awaitBroken(String view) {
        return awaitView(view, record -> record.getStatus() == ViewStatus.BROKEN)
                .getReasons()
                .getFirst();
    }

    /// Active after it was broken.
    private static FeatureView awaitActive(String view) {
        List<FeatureView> records =
                registry.views().awaitMatching(record -> record.getName().equals(view), 3);
        assertThat(records)
                .extracting(FeatureView::getStatus)
                .startsWith(ViewStatus.ACTIVE, ViewStatus.BROKEN)
                .endsWith(ViewStatus.ACTIVE);
        return records.getLast();
    }

    private static FeatureView awaitView(String view, Predicate<FeatureView> wanted) {
        return registry.views()
                .await(record -> record.getName().equals(view) && wanted.test(record), view)
                .value();
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

    private static RegistrationRequest request(String view, FeatureSpec... features) {
        RegistrationRequest.Builder request = Views.request("register-" + view, view);
        return request.setFeatures(List.of(features))
                .setSource(TableSource.newBuilder(request.getSource())
                        .setSchema$(schema)
                        .setTableName(view)
                        .build())
                .build();
    }
}
