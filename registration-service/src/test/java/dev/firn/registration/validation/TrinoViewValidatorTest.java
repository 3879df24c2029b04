package dev.firn.registration.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.TableSource;
import dev.firn.events.Violation;
import dev.firn.registration.Views;
import dev.firn.registration.validation.TrinoTable.RowCounts;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Verdicts over a real Iceberg catalog and a fake Trino.
final class TrinoViewValidatorTest {
    private final FakeTrino trino = new FakeTrino();
    private LocalTables tables;
    private Table table;
    private TrinoViewValidator validator;

    @BeforeEach
    void create(@TempDir Path folder) {
        tables = new LocalTables(folder);
        table = tables.create();
        tables.append(table, FileFormat.PARQUET, Map.of());
        trino.snapshotId = this::head;
        validator = new TrinoViewValidator(trino, tables.catalogs, 1_000, Duration.ofSeconds(1));
    }

    @AfterEach
    void close() {
        validator.close();
        tables.close();
    }

    @Test
    void acceptsAViewThatFitsItsTable() {
        trino.counts = () -> new RowCounts(10, 3, 1, 0);

        Verdict verdict = validator.validate(Views.request("r1").build());
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.resolution().source().getSnapshotId()).isEqualTo(head());
            assertThat(accepted.resolution().source().getMetadataLocation())
                    .isEqualTo(tables.load().metadataLocation());
            assertThat(accepted.warnings())
                    .extracting(Violation::getCode)
                    .containsExactly(Code.FUTURE_TIMESTAMPS.name());
        });
    }

    /// As after an import of files that stay where they are.
    @Test
    void rejectsATableWhoseFilesAreElsewhere() {
        table.newAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .withPath("s3://imports/hive/a.parquet")
                        .withFileSizeInBytes(1_000)
                        .withRecordCount(10)
                        .withFormat(FileFormat.PARQUET)
                        .build())
                .commit();

        assertThat(violations(request -> request))
                .containsExactly(tuple("source.table_name", Code.DATA_LOCATION_NOT_ALLOWED.name()));
    }

    @Test
    void asksTrinoOncePerMetadataFile() {
        validator.validate(Views.request("r1").build());
        validator.validate(Views.request("r2").build());
        assertThat(trino.columnQueries).hasValue(1);

        tables.append(table, FileFormat.PARQUET, Map.of());
        validator.validate(Views.request("r3").build());
        assertThat(trino.columnQueries).hasValue(2);
    }

    @Test
    void asksAgainWhenACommitComesBetween() {
        trino.snapshotId = () -> trino.columnQueries.get() < 2 ? Long.valueOf(-1) : head();

        assertThat(validator.validate(Views.request("r1").build())).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void givesUpForNowWhenTrinoAndTheCatalogKeepDisagreeing() {
        trino.snapshotId = () -> -1L;

        assertThat(validator.validate(Views.request("r1").build())).isInstanceOf(Verdict.RetryLater.class);
        assertThat(trino.columnQueries).hasValue(TrinoViewValidator.MAX_LOOKS);
    }

    @Test
    void retriesLaterWhileTrinoIsAway() {
        trino.columns = () -> {
            throw FakeTrino.away();
        };

        assertThat(validator.validate(Views.request("r1").build())).isEqualTo(new Verdict.RetryLater("Trino: away"));
    }

    @Test
    void doesNotWaitForTrinoIfTheRequestIsWrongAnyway() {
        trino.columns = () -> {
            throw FakeTrino.away();
        };

        assertThat(violations(request -> request.setOnline(true)))
                .containsExactly(tuple("online", Code.ONLINE_UNSUPPORTED.name()));
    }

    @Test
    void doesNotAskAboutATableThatCannotBeNamed() {
        assertThat(violations(request -> request.setOnline(true)
                        .setSource(source(request).setTableName("a\"b").build())))
                .containsExactly(
                        tuple("source.table_name", Code.INVALID_NAME.name()),
                        tuple("online", Code.ONLINE_UNSUPPORTED.name()));
        assertThat(trino.columnQueries).hasValue(0);
    }

    @Test
    void doesNotLookForTheColumnsOfAListThatIsTooLong() {
        assertThat(violations(request ->
                        request.setEntities(Collections.nCopies(RequestRules.MAX_ENTITIES + 1, "nothing_like_it"))))
                .containsExactly(tuple("entities", Code.TOO_MANY.name()));
        assertThat(trino.columnQueries).hasValue(0);
    }

    @Test
    void reportsViolationsOfRequestAndColumnsTogether() {
        assertThat(violations(request ->
                        request.setOnline(true).setFeatures(List.of(Views.feature("total_orders", "int32")))))
                .containsExactly(
                        tuple("online", Code.ONLINE_UNSUPPORTED.name()),
                        tuple("features[0].dtype", Code.TYPE_MISMATCH.name()));
    }

    @Test
    void distinguishesAnUnknownCatalogFromOneThatIsNotAllowed() {
        UnaryOperator<RegistrationRequest.Builder> inAnother = request ->
                request.setSource(source(request).setCatalog("icebrg").build());
        assertThat(violations(inAnother)).containsExactly(tuple("source.catalog", Code.CATALOG_NOT_ALLOWED.name()));

        trino.connector = () -> null;
        assertThat(violations(inAnother)).containsExactly(tuple("source.catalog", Code.CATALOG_NOT_FOUND.name()));
        assertThat(rejected(inAnother).getFirst().getSuggestion()).isEqualTo("iceberg");
        assertThat(violations(request -> request))
                .containsExactly(tuple("source.catalog", Code.CATALOG_NOT_FOUND.name()));
    }

    @Test
    void suggestsTheNearestSchemaAndTable() {
        trino.columns = List::of;
        List<Violation> schema = rejected(
                request -> request.setSource(source(request).setSchema$("glod").build()));
        assertThat(schema)
                .extracting(Violation::getField, Violation::getCode, Violation::getSuggestion)
                .containsExactly(tuple("source.schema", Code.SCHEMA_NOT_FOUND.name(), "gold"));

        List<Violation> missing = rejected(request -> request.setSource(
                source(request).setTableName("customer_aggregate").build()));
        assertThat(missing)
                .extracting(Violation::getField, Violation::getCode, Violation::getSuggestion)
                .containsExactly(tuple("source.table_name", Code.TABLE_NOT_FOUND.name(), "customer_aggregates"));
    }

    @Test
    void rejectsATableThatIsNotIceberg() {
        trino.connector = () -> "tpch";
        assertThat(violations(request -> request))
                .containsExactly(tuple("source.table_name", Code.TABLE_NOT_ICEBERG.name()));

        trino.connector = () -> "iceberg";
        trino.snapshotId = () -> {
            throw FakeTrino.refused();
        };
        assertThat(violations(request -> request))
                .containsExactly(tuple("source.table_name", Code.TABLE_NOT_ICEBERG.name()));
    }

    @Test
    void rejectsATableThatTrinoRefusesToDescribe() {
        trino.columns = () -> {
            throw FakeTrino.refused();
        };

        List<Violation> violations = rejected(request -> request);
        assertThat(violations)
                .extracting(Violation::getField, Violation::getCode)
                .containsExactly(tuple("source", Code.TRINO_REFUSED.name()));
        assertThat(violations.getFirst().getMessage()).endsWith("Access Denied");
    }

    @Test
    void rejectsAnUnknownBranch() {
        trino.snapshotId = () -> null;

        assertThat(violations(request ->
                        request.setSource(source(request).setRef("nightly").build())))
                .containsExactly(tuple("source.ref", Code.REF_NOT_FOUND.name()));
    }

    private long head() {
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    private List<Tuple> violations(UnaryOperator<RegistrationRequest.Builder> change) {
        return rejected(change).stream()
                .map(violation -> tuple(violation.getField(), violation.getCode()))
                .toList();
    }

    private List<Violation> rejected(UnaryOperator<RegistrationRequest.Builder> change) {
        Verdict verdict = validator.validate(change.apply(Views.request("r1")).build());
        assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
        return ((Verdict.Rejected) verdict).violations();
    }

    private static TableSource.Builder source(RegistrationRequest.Builder request) {
        return TableSource.newBuilder(request.getSource());
    }
}
