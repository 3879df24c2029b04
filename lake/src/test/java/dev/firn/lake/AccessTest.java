package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessTest {
    private final Access access = new Access(
            Set.of("iceberg"),
            Set.of("iceberg.gold"),
            List.of("s3://lake/spines", "s3a://other/in/"),
            "s3://lake/results");

    @Test
    void aTableOfAnAllowedSchemaPasses() {
        assertThatCode(() -> access.check(TableName.parse("iceberg.gold.orders")))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutSchemasAllOfTheCatalogPass() {
        Access open = new Access(Set.of("iceberg"), Set.of(), List.of(), "s3://lake/results");
        assertThatCode(() -> open.check(TableName.parse("iceberg.silver.orders")))
                .doesNotThrowAnyException();
    }

    @Test
    void anotherCatalogIsNotAllowed() {
        refused("CATALOG_NOT_ALLOWED", () -> access.check(TableName.parse("hive.gold.orders")));
    }

    @Test
    void anotherSchemaIsNotAllowed() {
        refused("SCHEMA_NOT_ALLOWED", () -> access.check(TableName.parse("iceberg.silver.orders")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s3://lake/spines/a.parquet", "s3a://lake/spines/x/", "s3n://other/in/a", "s3://lake/spines"})
    void spinesBelowThePrefixesPassInEverySpelling(String location) {
        assertThat(access.spine(location).scheme()).isEqualTo("s3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/spines2/a.parquet",
                "s3://lake/results/a",
                "s3://lake2/spines/a",
                "file:/etc/passwd",
                "/etc/passwd"
            })
    void spinesElsewhereAreNotAllowed(String location) {
        refused("LOCATION_NOT_ALLOWED", () -> access.spine(location));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://lake/spines/../gold/a", "s3://lake/spines/%2e%2e/gold", "s3://lake/spines/..%2fgold"})
    void spinesWithDotSegmentsAreInvalid(String location) {
        refused("LOCATION_INVALID", () -> access.spine(location));
    }

    /// Two slashes are part of the key, which is below the prefix either way.
    @Test
    void aSpineWithAnEmptySegmentIsBelowItsPrefix() {
        assertThat(access.spine("s3://lake/spines//a")).hasToString("s3://lake/spines//a");
        refused("LOCATION_NOT_ALLOWED", () -> access.spine("s3://lake//spines/a"));
    }

    @Test
    void resultsAreAllowedUnderTheResultsLocationOnly() {
        assertThat(access.result("s3://lake/results/firn/r1")).hasToString("s3://lake/results/firn/r1");
        refused("LOCATION_NOT_ALLOWED", () -> access.result("s3://lake/spines/r1"));
    }

    /// Spines that another deployment stores beside those of this one are not Firn's own here.
    @Test
    void ownFilesAreResultsAndTheStoredSpinesOfThisDeployment() {
        Access deployment = new Access(
                Set.of(),
                Set.of(),
                List.of(),
                new OwnLocations("s3://lake/results", "s3://lake/firn-spines/firn"),
                Set.of(),
                List.of(),
                Set.of());
        String spine = "s3://lake/firn-spines/firn/daily/1.json";
        assertThat(deployment.own(spine)).hasToString(spine);
        assertThat(deployment.own("s3://lake/results/firn/r1")).hasToString("s3://lake/results/firn/r1");
        refused("LOCATION_NOT_ALLOWED", () -> deployment.result(spine));
        refused("LOCATION_NOT_ALLOWED", () -> deployment.own("s3://lake/firn-spines/other/daily/1.json"));
    }

    @Test
    void resultsAreWrittenAsTablesOnlyWhereThatIsAllowed() {
        Access writing = access.withTargetSchemas(Set.of("iceberg.features"));
        assertThatCode(() -> writing.checkTarget(TableName.parse("iceberg.features.daily")))
                .doesNotThrowAnyException();
        refused("TARGET_NOT_ALLOWED", () -> writing.checkTarget(TableName.parse("iceberg.gold.daily")));
        refused("TARGET_NOT_ALLOWED", () -> writing.checkTarget(TableName.parse("iceberg.features.sub.daily")));
        refused("TARGET_NOT_ALLOWED", () -> access.checkTarget(TableName.parse("iceberg.features.daily")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Daily", "a b", "a#b", "a?b", "a/b", "..", "$snapshots", "a'b", "a\"b", "é", "1a", "a-b"})
    void aTargetHasANameThatAllEnginesSpellAlike(String name) {
        Access writing = access.withTargetSchemas(Set.of("iceberg.features"));
        refused("TARGET_INVALID", () -> writing.checkTarget(new TableName("iceberg", "features", name)));
    }

    /// Cleaning up results would delete the table's files.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/results/firn/t",
                "s3a://lake/results",
                "s3a://lake//results/firn/t",
                "s3://lake",
                "s3://lake/a/../results",
                "s3://lake/ware#house/features/daily",
                "s3://lake/warehouse/what?/daily",
                "lake"
            })
    void aTargetIsNotAmongFirnsOwnFiles(String location) {
        TableName table = TableName.parse("iceberg.features.daily");
        refused("DATA_LOCATION_NOT_ALLOWED", () -> access.checkTargetLocation(table, location));
        assertThatCode(() -> access.checkTargetLocation(table, "s3://lake/warehouse/features/daily"))
                .doesNotThrowAnyException();
    }

    @Test
    void aTargetIsWhereFilesOfTablesMayBe() {
        Access within = new Access(
                Set.of("iceberg"), Set.of(), List.of(), "s3://lake/results", Set.of(), List.of("s3://lake/warehouse"));
        TableName table = TableName.parse("iceberg.features.daily");
        assertThatCode(() -> within.checkTargetLocation(table, "s3://lake/warehouse/features/daily"))
                .doesNotThrowAnyException();
        refused("DATA_LOCATION_NOT_ALLOWED", () -> within.checkTargetLocation(table, "s3://other/features/daily"));
    }

    private static void refused(String code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
