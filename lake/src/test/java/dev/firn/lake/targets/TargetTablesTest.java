package dev.firn.lake.targets;

import static dev.firn.lake.targets.TargetFixture.COLUMNS;
import static dev.firn.lake.targets.TargetFixture.TARGET;
import static dev.firn.lake.targets.TargetFixture.identifier;
import static dev.firn.lake.targets.TargetFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeException;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.targets.TargetFixture.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Results as tables: one commit replaces the content, once for each run, and never after a later one.
final class TargetTablesTest {
    private TargetFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new TargetFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void createsTheTableAndReplacesItsContentInOneCommit() {
        long first = committed(lake.write(lake.result(1, 3)));
        long second = committed(lake.write(lake.result(2, 2)));

        Table table = lake.table();
        assertThat(lake.names()).containsExactly("run 2", "run 2");
        assertThat(table.currentSnapshot().snapshotId()).isEqualTo(second);
        assertThat(table.currentSnapshot().parentId()).isEqualTo(first);
        assertThat(table.currentSnapshot().operation()).isEqualTo(DataOperations.OVERWRITE);
        assertThat(table.currentSnapshot().summary())
                .containsEntry("firn.request-id", "daily.r2")
                .containsEntry("firn.run", "2")
                .containsEntry("firn.content-digest", "d2");
        assertThat(table.properties())
                .containsEntry("firn.owner", "firn/standing/daily")
                .containsEntry("firn.run", "2");
        assertThat(table.snapshots()).hasSize(2);
    }

    @Test
    void theTableNamesThoseThatItsRowsComeFrom() {
        lake.write(madeFrom(1, Set.of("b", "a")));
        assertThat(lake.table().properties()).containsEntry("firn.made-from", "a,b");
        assertThat(MadeFrom.reading(lake.table()))
                .containsExactlyInAnyOrder("a", "b", lake.table().uuid().toString());
        assertThat(lake.table().currentSnapshot().summary()).doesNotContainKey("firn.made-from");

        lake.write(madeFrom(2, Set.of()));
        assertThat(lake.table().properties()).doesNotContainKey("firn.made-from");
        assertThat(MadeFrom.reading(lake.table()))
                .containsExactly(lake.table().uuid().toString());
    }

    @Test
    void theTableNamesALimitedNumberOfThem() {
        lake.write(madeFrom(
                1, IntStream.range(0, 3_000).mapToObj(Integer::toString).collect(Collectors.toUnmodifiableSet())));
        assertThat(MadeFrom.reading(lake.table())).hasSize(MadeFrom.MAX_TABLES + 1);
    }

    private Result madeFrom(long number, Set<String> tables) {
        Result result = lake.result(number, 1);
        TargetRun run = result.run();
        return new Result(
                new TargetRun(run.requestId(), run.number(), run.result(), run.summary(), tables), result.parts());
    }

    @Test
    void itsFilesLieUnderItsOwnLocation() {
        lake.write(lake.result(1, 3));
        lake.table()
                .newScan()
                .planFiles()
                .forEach(task -> assertThat(task.file().location())
                        .startsWith(lake.table().location() + "/data/firn/daily.r1/token0/"));
    }

    @Test
    void aResultWithoutRowsEmptiesTheTable() {
        lake.write(lake.result(1, 3));
        committed(lake.write(lake.result(2, 0)));
        assertThat(lake.rows()).isEmpty();
        assertThat(lake.table().currentSnapshot().summary()).containsEntry("total-data-files", "0");
    }

    @Test
    void aFirstResultWithoutRowsIsCommittedOnce() {
        Result run = lake.result(1, 0);
        Written first = lake.write(run);
        committed(first);
        assertThat(lake.write(run)).isEqualTo(first);
        assertThat(lake.rows()).isEmpty();
    }

    @Test
    void aRunIsCommittedOnce() {
        Result run = lake.result(1, 3);
        Written first = lake.write(run);
        assertThat(lake.write(run)).isEqualTo(first);
        assertThat(lake.table().snapshots()).hasSize(1);
        assertThat(lake.files()).hasSize(1);
    }

    @Test
    void anOlderRunDoesNotReplaceANewerOne() {
        Result older = lake.result(1, 3);
        lake.write(lake.result(2, 2));
        assertThat(lake.write(older)).isEqualTo(new Written.Superseded("daily.r2"));
        assertThat(lake.names()).containsExactly("run 2", "run 2");
    }

    /// The look before the commit does not see it: the validation within the commit does.
    @Test
    void anOlderRunDoesNotReplaceANewerOneThatIsCommittedMeanwhile() {
        lake.write(lake.result(1, 1));
        Result older = lake.result(2, 3);
        Result newer = lake.result(3, 2);
        HookedCatalog.once(commit -> {
            committed(lake.write(newer));
            commit.run();
        });
        assertThat(lake.write(older)).isEqualTo(new Written.Superseded("daily.r3"));
        assertThat(lake.names()).containsExactly("run 3", "run 3");
    }

    @Test
    void twoWorkersCommitOneRunOnce() {
        lake.write(lake.result(1, 1));
        Result run = lake.result(2, 3);
        Written[] other = new Written[1];
        HookedCatalog.once(commit -> {
            other[0] = lake.write(run);
            commit.run();
        });
        assertThat(lake.write(run)).isEqualTo(other[0]);
        assertThat(lake.table().snapshots()).hasSize(2);
        assertThat(lake.names()).hasSize(3);
        assertThat(lake.files()).as("the other copy is deleted").hasSize(2);
    }

    /// Whoever commits a run deletes its other copies, also one that is being made.
    @Test
    void aCopyThatAnotherWorkerDeletesIsOfACommittedRun() {
        lake.write(lake.result(1, 1));
        Result run = lake.result(2, 3);
        Written[] other = new Written[1];
        Written mine = lake.targets.write(TARGET, run.run(), run.parts(), () -> {
            if (other[0] == null) {
                other[0] = lake.write(run);
            }
        });
        assertThat(mine).isEqualTo(other[0]);
        assertThat(lake.names()).hasSize(3);
    }

    @Test
    void aRunIsCommittedOverAForeignCommitMeanwhile() {
        lake.write(lake.result(1, 1));
        HookedCatalog.once(commit -> {
            lake.table()
                    .newDelete()
                    .deleteFromRowFilter(Expressions.alwaysTrue())
                    .commit();
            commit.run();
        });
        committed(lake.write(lake.result(2, 3)));
        assertThat(lake.names()).hasSize(3);
        assertThat(lake.table().snapshots()).hasSize(3);
    }

    @Test
    void aCommitWhoseResponseIsLostIsFoundAgain() {
        lake.write(lake.result(1, 1));
        HookedCatalog.once(commit -> {
            commit.run();
            throw new CommitStateUnknownException(new IllegalStateException("the response is lost, says the test"));
        });
        committed(lake.write(lake.result(2, 3)));
        assertThat(lake.table().snapshots()).hasSize(2);
        assertThat(lake.names()).hasSize(3);
        assertThat(lake.files()).hasSize(2);
    }

    @Test
    void copiesOfWorkersThatDiedAreDeletedOnceTheRunIsCommitted() {
        Result run = lake.result(1, 3);
        HookedCatalog.always(commit -> {
            throw new CommitFailedException("the catalog is away, says the test");
        });
        assertThatThrownBy(() -> lake.write(run)).isInstanceOf(LakeOutage.class);
        HookedCatalog.never();
        lake.write(lake.result(0, 1));
        HookedCatalog.always(commit -> {
            throw new CommitStateUnknownException(new IllegalStateException("the catalog is away, says the test"));
        });
        assertThatThrownBy(() -> lake.write(run)).isInstanceOf(LakeOutage.class);
        assertThat(lake.files()).hasSize(2);
        HookedCatalog.never();
        committed(lake.write(run));
        assertThat(lake.files()).as("those of runs 0 and 1").hasSize(2);
        assertThat(lake.names()).hasSize(3);
    }

    /// Who rolls a table back wants that.
    @Test
    void aRepetitionDoesNotUndoARollback() {
        long first = committed(lake.write(lake.result(1, 1)));
        Result run = lake.result(2, 3);
        lake.write(run);
        lake.table().manageSnapshots().rollbackTo(first).commit();

        assertThat(lake.write(run)).isEqualTo(new Written.Committed(Optional.empty()));
        assertThat(lake.names()).containsExactly("run 1");
        committed(lake.write(lake.result(3, 2)));
        assertThat(lake.names()).containsExactly("run 3", "run 3");
    }

    /// A table that forgot its last run takes it once more; what a tag names stays.
    @Test
    void aCopyThatATagNamesIsNotDeleted() {
        lake.write(lake.result(1, 1));
        Result run = lake.result(2, 3);
        long tagged = committed(lake.write(run));
        Table table = lake.table();
        table.manageSnapshots().createTag("kept", tagged).commit();
        table.manageSnapshots().rollbackTo(table.snapshot(tagged).parentId()).commit();
        table.updateProperties()
                .remove("firn.run")
                .remove("firn.result")
                .remove("firn.copy")
                .commit();

        committed(lake.write(run));
        assertThat(lake.names()).hasSize(3);
        assertThat(lake.files())
                .as("those of run 1, and two copies of run 2, both named by snapshots")
                .hasSize(3);
    }

    @Test
    void anOlderRunDoesNotReplaceANewerOneWhoseSnapshotHasExpired() {
        Result older = lake.result(1, 1);
        lake.write(lake.result(2, 2));
        Table table = lake.table();
        table.newAppend().commit();
        table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
        assertThat(table.snapshots()).hasSize(1);

        assertThat(lake.write(older)).isEqualTo(new Written.Superseded("daily.r2"));
        assertThat(lake.names()).containsExactly("run 2", "run 2");
    }

    @Test
    void aTableThatWasDroppedIsMadeAnew() {
        lake.write(lake.result(1, 1));
        lake.writer.dropTable(identifier(), true);
        committed(lake.write(lake.result(2, 2)));
        assertThat(lake.names()).containsExactly("run 2", "run 2");
    }

    @Test
    void aTableThatIsDroppedMeanwhileIsMadeAnew() {
        lake.write(lake.result(1, 1));
        HookedCatalog.once(commit -> {
            lake.writer.dropTable(identifier(), true);
            commit.run();
        });
        committed(lake.write(lake.result(2, 2)));
        assertThat(lake.names()).containsExactly("run 2", "run 2");
    }

    @Test
    void aTableThatFirnDidNotCreateIsNotWritten() {
        Table theirs = lake.writer.createTable(identifier(), COLUMNS);
        rejected("TARGET_NOT_OWNED", () -> lake.write(lake.result(1, 1)));
        assertThatThrownBy(() -> lake.targets.check(TARGET))
                .hasMessage("[iceberg.features.daily] Firn did not create the table; name another table");
        theirs.refresh();
        assertThat(theirs.currentSnapshot()).isNull();
    }

    @Test
    void aTableOfAnotherOwnerIsNotWritten() {
        lake.write(lake.result(1, 1));
        Target other = new Target(TARGET.table(), "firn/request/daily");
        rejected("TARGET_NOT_OWNED", () -> lake.write(other, lake.result(2, 2)));
        assertThatThrownBy(() -> lake.targets.check(other))
                .hasMessage("[iceberg.features.daily] Firn created the table for firn/standing/daily, not for"
                        + " firn/request/daily; name another table");
        assertThat(lake.names()).containsExactly("run 1");
    }

    /// The table is replaced by another one while files are copied.
    @Test
    void aTableThatBecomesForeignMeanwhileIsNotWritten() {
        lake.write(lake.result(1, 1));
        HookedCatalog.once(commit -> {
            lake.writer.dropTable(identifier(), false);
            lake.writer.createTable(identifier(), COLUMNS);
            commit.run();
        });
        rejected("TARGET_NOT_OWNED", () -> lake.write(lake.result(2, 2)));
        assertThat(lake.rows()).isEmpty();
    }

    @Test
    void aViewOfThatNameIsNotWritten() {
        lake.writer
                .buildView(identifier())
                .withSchema(COLUMNS)
                .withDefaultNamespace(identifier().namespace())
                .withQuery("trino", "SELECT 1")
                .create();
        rejected("TARGET_NOT_OWNED", () -> lake.write(lake.result(1, 1)));
    }

    @Test
    void anAbsentSchemaIsNotCreated() {
        Target absent = new Target(TableName.parse("iceberg.absent.daily"), "firn/standing/daily");
        rejected("SCHEMA_NOT_FOUND", () -> lake.write(absent, lake.result(1, 1)));
        rejected("SCHEMA_NOT_FOUND", () -> lake.targets.check(absent));
    }

    @Test
    void aSchemaThatIsNotAllowedIsNotAsked() {
        Target elsewhere = new Target(TableName.parse("iceberg.gold.daily"), "firn/standing/daily");
        rejected("TARGET_NOT_ALLOWED", () -> lake.write(elsewhere, lake.result(1, 1)));
    }

    @Test
    void aCatalogThatRefusesIsTargetRefused() {
        HookedCatalog.always(commit -> {
            throw new ForbiddenException("no right to write, says the test");
        });
        rejected("TARGET_REFUSED", () -> lake.write(lake.result(1, 1)));
    }

    @Test
    void aRefusalOfTheCatalogTellsNoSecrets() {
        HookedCatalog.always(commit -> {
            throw new ForbiddenException("Authorization: Bearer abcdef123456 may not write, says the test");
        });
        assertThatThrownBy(() -> lake.write(lake.result(1, 1)))
                .hasMessageContaining("may not write")
                .hasMessageNotContaining("abcdef123456");
    }

    @Test
    void aTableAmongTheResultsIsNotWritten() {
        lake.writer
                .buildTable(identifier(), COLUMNS)
                .withProperty("firn.owner", TARGET.owner())
                .withLocation(lake.result(9, 1).run().result() + "/table")
                .create();
        rejected("DATA_LOCATION_NOT_ALLOWED", () -> lake.write(lake.result(1, 1)));
    }

    @Test
    void aTableWithItsMetadataAmongTheResultsIsNotWritten() {
        lake.write(lake.result(1, 1));
        Result run = lake.result(2, 1);
        lake.table()
                .updateProperties()
                .set("write.metadata.path", run.run().result() + "/metadata")
                .commit();
        rejected("DATA_LOCATION_NOT_ALLOWED", () -> lake.write(run));
        assertThat(lake.names()).containsExactly("run 1");
    }

    @Test
    void aResultThatIsGoneIsFileNotFound() throws IOException {
        Result run = lake.result(1, 1);
        Files.delete(Path.of(run.parts().getFirst().location().replaceFirst("^file:", "")));
        rejected("FILE_NOT_FOUND", () -> lake.write(run));
    }

    @Test
    void aResultThatIsGoneIsStillKnownToBeCommitted() throws IOException {
        Result run = lake.result(1, 1);
        Written first = lake.write(run);
        Files.delete(Path.of(run.parts().getFirst().location().replaceFirst("^file:", "")));
        assertThat(lake.write(run)).isEqualTo(first);
    }

    @Test
    void aResultThatWasChangedIsFileUnreadable() throws IOException {
        Result run = lake.result(1, 1);
        Path file = Path.of(run.parts().getFirst().location().replaceFirst("^file:", ""));
        byte[] bytes = Files.readAllBytes(file);
        bytes[5] ^= 1;
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
        rejected("FILE_UNREADABLE", () -> lake.write(run));
        assertThat(lake.rows()).isEmpty();
    }

    @Test
    void aCancelledCopyEnds() {
        Result run = lake.result(1, 1);
        assertThatThrownBy(() -> lake.targets.write(TARGET, run.run(), run.parts(), () -> {
                    throw new CancellationException("says the test");
                }))
                .isInstanceOf(CancellationException.class);
    }

    /// Iceberg numbers the fields of a new table level by level, a result's are numbered in depth; and a table
    /// keeps the ids of columns that came later. Values must be found all the same.
    @Test
    void everyTypeIsReadByTheIdsOfTheTable() {
        Types.StructType place = Types.StructType.of(
                NestedField.optional(3, "x", Types.DoubleType.get()),
                NestedField.optional(4, "y", Types.LongType.get()));
        Schema before = schema(
                NestedField.optional(1, "order-id", Types.IntegerType.get()),
                NestedField.optional(2, "place", place),
                NestedField.optional(5, "tags", Types.ListType.ofOptional(6, Types.StringType.get())),
                NestedField.optional(
                        7, "counts", Types.MapType.ofOptional(8, 9, Types.StringType.get(), Types.IntegerType.get())),
                NestedField.optional(10, "price", Types.DecimalType.of(9, 2)));
        GenericRecord at = GenericRecord.create(place);
        at.setField("x", 1.5);
        at.setField("y", 7L);
        lake.write(lake.result(
                1,
                before,
                List.of(
                        List.of(5),
                        List.of(at),
                        List.of(List.of("a", "b")),
                        List.of(Map.of("k", 3)),
                        List.of(new java.math.BigDecimal("12.34")))));
        assertRow(List.of("order-id", 5, "tags", List.of("a", "b"), "counts", Map.of("k", 3)), at);

        // a new column before the others, and a wider key
        Schema after = schema(
                NestedField.optional(1, "fresh", Types.UUIDType.get()),
                NestedField.optional(2, "order-id", Types.LongType.get()),
                NestedField.optional(
                        3,
                        "place",
                        Types.StructType.of(
                                NestedField.optional(4, "x", Types.DoubleType.get()),
                                NestedField.optional(5, "y", Types.LongType.get()))),
                NestedField.optional(6, "tags", Types.ListType.ofOptional(7, Types.StringType.get())),
                NestedField.optional(
                        8, "counts", Types.MapType.ofOptional(9, 10, Types.StringType.get(), Types.IntegerType.get())),
                NestedField.optional(11, "price", Types.DecimalType.of(9, 2)));
        java.util.UUID uuid = new java.util.UUID(1, 2);
        lake.write(lake.result(
                2,
                after,
                List.of(
                        List.of(uuid),
                        List.of(6_000_000_000L),
                        List.of(at),
                        List.of(List.of("a", "b")),
                        List.of(Map.of("k", 3)),
                        List.of(new java.math.BigDecimal("12.34")))));
        assertRow(
                List.of("fresh", uuid, "order-id", 6_000_000_000L, "tags", List.of("a", "b"), "counts", Map.of("k", 3)),
                at);
        assertThat(lake.table().currentSnapshot().parentId()).isNotNull();
        assertThat(lake.table().snapshots()).hasSize(2);
    }

    private void assertRow(List<Object> namesAndValues, GenericRecord at) {
        assertThat(lake.rows()).singleElement().satisfies(row -> {
            for (int i = 0; i < namesAndValues.size(); i += 2) {
                assertThat(row.getField((String) namesAndValues.get(i))).isEqualTo(namesAndValues.get(i + 1));
            }
            assertThat(((GenericRecord) row.getField("place")).getField("x")).isEqualTo(at.getField("x"));
            assertThat(((GenericRecord) row.getField("place")).getField("y")).isEqualTo(at.getField("y"));
            assertThat(row.getField("price")).hasToString("12.34");
        });
    }

    /// A result that was int before may come back as int: a table never narrows.
    @Test
    void aNarrowerTypeIsReadAsTheWiderOneOfTheTable() {
        lake.write(lake.result(1, schema(NestedField.optional(1, "name", Types.LongType.get())), List.of(List.of(1L))));
        lake.write(
                lake.result(2, schema(NestedField.optional(1, "name", Types.IntegerType.get())), List.of(List.of(2))));
        assertThat(lake.names()).containsExactly(2L);
    }

    @Test
    void nanosecondsMakeATableOfFormatVersion3() {
        Schema nanos = schema(NestedField.optional(1, "name", Types.TimestampNanoType.withZone()));
        committed(lake.write(lake.result(1, nanos, List.of(Arrays.asList(1L)))));
        assertThat(org.apache.iceberg.TableUtil.formatVersion(lake.table())).isEqualTo(3);
        assertThat(lake.rows()).hasSize(1);
    }

    @Test
    void aTableKeepsItsColumns() {
        lake.write(lake.result(1, 1));
        Result without =
                lake.result(2, schema(NestedField.optional(1, "id", Types.LongType.get())), List.of(List.of(1L)));
        rejected("TARGET_SCHEMA_CHANGED", () -> lake.write(without));
        Result otherType = lake.result(
                3,
                schema(
                        NestedField.optional(1, "id", Types.StringType.get()),
                        NestedField.optional(2, "name", Types.StringType.get())),
                List.of(List.of("1"), List.of("x")));
        rejected("TARGET_SCHEMA_CHANGED", () -> lake.write(otherType));
        rejected(
                "TARGET_SCHEMA_CHANGED",
                () -> lake.targets
                        .check(TARGET)
                        .orElseThrow()
                        .requireFits(schema(NestedField.optional(1, "id", Types.LongType.get()))));
        Result nanoseconds = lake.result(
                4,
                schema(
                        NestedField.optional(1, "id", Types.LongType.get()),
                        NestedField.optional(2, "name", Types.StringType.get()),
                        NestedField.optional(3, "at", Types.TimestampNanoType.withZone())),
                List.of(List.of(1L), List.of("x"), List.of(1L)));
        rejected("TARGET_SCHEMA_CHANGED", () -> lake.write(nanoseconds));
        assertThat(lake.names()).containsExactly("run 1");
    }

    @Test
    void aTableThatItsOwnerPartitionedIsNotWritten() {
        lake.write(lake.result(1, 1));
        lake.table().updateSpec().addField("id").commit();
        rejected("TARGET_SCHEMA_CHANGED", () -> lake.write(lake.result(2, 1)));
        assertThat(lake.table().spec()).isNotEqualTo(PartitionSpec.unpartitioned());
    }

    /// Their ids would not be those in the copies.
    @Test
    void copiesAreMadeAnewIfTheColumnsChangeMeanwhile() {
        lake.write(lake.result(1, 1));
        HookedCatalog.once(commit -> {
            lake.table().updateSchema().addColumn("b", Types.LongType.get()).commit();
            commit.run();
        });
        committed(lake.write(wider()));
        assertWider();
    }

    /// A transaction looks at the table once more when it begins.
    @Test
    void copiesAreMadeAnewIfTheColumnsChangeAsTheCommitBegins() {
        lake.write(lake.result(1, 1));
        HookedCatalog.onceBeforeRefresh(() ->
                lake.table().updateSchema().addColumn("b", Types.LongType.get()).commit());
        committed(lake.write(wider()));
        assertWider();
    }

    private Result wider() {
        return lake.result(
                2,
                schema(
                        NestedField.optional(1, "id", Types.LongType.get()),
                        NestedField.optional(2, "name", Types.StringType.get()),
                        NestedField.optional(3, "a", Types.LongType.get()),
                        NestedField.optional(4, "b", Types.LongType.get())),
                List.of(List.of(1L), List.of("wide"), List.of(10L), List.of(20L)));
    }

    private void assertWider() {
        assertThat(lake.rows()).singleElement().satisfies(row -> {
            assertThat(row.getField("a")).isEqualTo(10L);
            assertThat(row.getField("b")).isEqualTo(20L);
        });
    }

    private static long committed(Written written) {
        assertThat(written).isInstanceOf(Written.Committed.class);
        return ((Written.Committed) written).snapshotId().orElseThrow();
    }

    private static void rejected(String code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code))
                .isInstanceOf(LakeException.class);
    }
}
