package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static dev.firn.retrieval.job.Given.table;
import static dev.firn.retrieval.job.LakeFixture.FACTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.events.FeatureView;
import dev.firn.events.Pins;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/semantics.md rules 9 and 13 to 15: pins, snapshots, and what is skipped or missing. Each test is a whole
/// retrieval over real Iceberg tables.
final class SnapshotRulesTest {
    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void rule9ViewsAreIndependentInKeysTtlAndRef() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(
                lake.viewOf("short", facts, List.of("id"), List.of("value")).setTtlMicros(1));
        lake.register(lake.viewOf("long", facts, List.of("id"), List.of("value")));

        ResultTable result = lake.retrieve(
                request(rows(List.of("id", "event_timestamp"), row("1", "2024-01-02")), "short:value", "long:value")
                        .setFullFeatureNames(true));

        assertThat(result.column("short__value")).containsExactly("null");
        assertThat(result.column("long__value")).containsExactly("10");
    }

    @Test
    void rule9TheSamePinsGiveTheSameRowsAfterLaterCommits() {
        Table facts = lake.facts("facts", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20");
        Spine spine = rows(List.of("id", "event_timestamp"), row("1", "2024-02-01"), row("2", "2024-02-01"));
        ResultTable first = lake.retrieve(request(spine, "facts:value"));
        lake.append(facts, "1 | 2024-01-15 | 11");

        ResultTable again = lake.withRowsPerFile(1)
                .retrieve(
                        request(spine, "facts:value").setPins(first.completed().pins()));
        ResultTable now = lake.retrieve(request(spine, "facts:value"));

        assertThat(again.rows()).isEqualTo(first.rows());
        assertThat(again.completed().digest()).isEqualTo(first.completed().digest());
        assertThat(again.completed().files()).hasSize(2);
        assertThat(now.column("value")).containsExactly("11", "20");
        assertThat(now.completed().digest()).isNotEqualTo(first.completed().digest());
    }

    /// Catalogs find a table in whatever case its name is spelt. A writer commits all the time, so that two loads of
    /// the table would differ soon.
    @Test
    void rule9OneTableUnderTwoSpellingsIsReadAtOneSnapshot() throws InterruptedException {
        Table facts = lake.facts("facts", "1 | 2024-01-01 | 0");
        FeatureView.Builder other = lake.viewOf("other", facts, List.of("id"), List.of("value"));
        other.setSource(ResolvedSource.newBuilder(other.getSource())
                .setTableName("FACTS")
                .build());
        lake.register(other);
        AtomicBoolean isOver = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 1; i < 200 && !isOver.get(); i++) {
                lake.append(facts, "1 | 2024-01-01 | " + i);
            }
        });
        RetrievalRequest.Builder request =
                request(ids("id", "1"), "facts:value", "other:value").setFullFeatureNames(true);
        try {
            for (int i = 0; i < 20; i++) {
                ResultTable result = lake.retrieve(request);
                assertThat(result.column("other__value")).isEqualTo(result.column("facts__value"));
                ResultTable again = lake.retrieve(RetrievalRequest.newBuilder(request.build())
                        .setPins(result.completed().pins()));
                assertThat(again.rows()).isEqualTo(result.rows());
            }
        } finally {
            isOver.set(true);
            writer.join();
        }
    }

    @Test
    void rule9PinsFixTTheDefinitionAndTheSpine() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        String location = lake.spineFile("s.csv", "id,event_timestamp\n1,2024-02-01\n");
        RetrievalRequest.Builder request = request(files(SpineKind.CSV, location), "facts:value");
        Pins pins = lake.retrieve(request).completed().pins();
        lake.spineFile("s.csv", "id,event_timestamp\n1,2024-02-02\n");

        assertThat(pins.getAsOf()).isEqualTo(Given.NOW);
        assertThat(lake.codes(request.setPins(pins))).containsExactly("SPINE_CHANGED");
    }

    @Test
    void rule9APinOfATableThatWasReplacedIsRefused() {
        lake.facts("facts", "1 | 2024-01-01 | 10");
        Pins pins = lake.retrieve(request(ids("id", "1"), "facts:value"))
                .completed()
                .pins();
        lake.drop("facts");
        lake.facts("facts", "1 | 2024-01-01 | 99");

        assertThat(lake.codes(request(ids("id", "1"), "facts:value").setPins(pins)))
                .containsExactly("TABLE_REPLACED");
    }

    @Test
    void rule13DeletesApplyBeforeARowMayBecomeACandidate() {
        Table facts = lake.table("facts", FACTS);
        DataFile first = lake.append(facts, "1 | 2024-01-01 | 10", "1 | 2024-01-02 | 20", "2 | 2024-01-01 | 5");
        lake.append(facts, "2 | 2024-01-02 | 6");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        TableFiles.deletePositions(facts, first, 1);
        assertThat(lake.values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "6");

        TableFiles.deleteEqual(facts, "value", "6");
        assertThat(lake.values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "5");

        lake.append(facts, "2 | 2024-01-03 | 6");
        assertThat(lake.values("facts:value", "2 2024-02-01")).containsExactly("6");
    }

    @Test
    void rule13OrphansAndFilesOfOtherSnapshotsAreInvisible() {
        Table facts = lake.facts("facts", "1 | 2024-01-01 | 10");
        long snapshot = facts.currentSnapshot().snapshotId();
        TableFiles.write(facts, "1 | 2024-01-05 | 99");
        lake.append(facts, "1 | 2024-01-06 | 11");

        assertThat(lake.values("facts:value", "1 2024-02-01")).containsExactly("11");
        ResultTable older = lake.retrieve(request(ids("id", "1"), "facts:value")
                .setViews(List.of(Given.use("facts").setSnapshotId(snapshot).build())));
        assertThat(older.column("value")).containsExactly("10");
    }

    @Test
    void rule13ColumnsResolveByFieldIdThroughEvolution() {
        Table facts = lake.table("facts", "id int, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        facts.updateSchema().renameColumn("value", "amount").commit();
        facts.updateSchema()
                .addColumn("value", Types.StringType.get())
                .updateColumn("id", Types.LongType.get())
                .moveFirst("amount")
                .commit();
        facts.refresh();
        DataFile next = TableFiles.write(facts, "20 | 2 | 2024-01-01 | not this");
        facts.newAppend().appendFile(next).commit();

        assertThat(lake.values("facts:value", "1 2024-02-01", "2 2024-02-01")).containsExactly("10", "20");
    }

    @Test
    void rule13PartitionEvolutionChangesNothing() {
        Schema schema = TableText.schema("id long, event timestamptz, value int, region string");
        Table facts = lake.table("facts", schema, PartitionSpec.unpartitioned(), 2);
        lake.append(facts, "1 | 2024-01-01 | 10 | eu");
        facts.updateSpec().addField("region").addField(Expressions.day("event")).commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 20 | eu");
        lake.append(facts, "1 | 2024-01-03 | 30 | us");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(lake.values("facts:value", "1 2024-01-01", "1 2024-01-02", "1 2024-01-03"))
                .containsExactly("10", "20", "30");
    }

    @Test
    void rule13ADroppedColumnRefusesOnlyTheRequestsThatAskForIt() {
        Table facts = lake.table("facts", FACTS + ", score int, note string");
        lake.append(facts, "1 | 2024-01-01 | 10 | 5 | n");
        FeatureView.Builder view = lake.view(facts, List.of("id"), List.of("value", "score"));
        facts.updateSchema().deleteColumn("score").commit();
        // as the registration service does it at its next look
        lake.register(view.setStatus(ViewStatus.BROKEN)
                .setReasons(List.of(Code.COLUMN_DROPPED.violation("features[1]", "column 'score' was dropped"))));

        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value")).rows()).containsExactly("1 10");
        Violation violation =
                lake.violations(request(ids("id", "1"), "facts:*")).getFirst();
        assertThat(violation.getCode()).isEqualTo("VIEW_BROKEN");
        assertThat(violation.getMessage())
                .contains("column 'score'")
                .contains("was dropped")
                .contains("register the view again without it");
    }

    @Test
    void rule13AFeatureThatTheSnapshotDoesNotHaveYetIsNullWithAWarning() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long before = facts.currentSnapshot().snapshotId();
        facts.updateSchema()
                .addColumn("score", Types.IntegerType.get())
                .addColumn("detail", Types.StructType.of(Types.NestedField.optional(1, "a", Types.LongType.get())))
                .commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 11 | 5");
        lake.register(lake.view(facts, List.of("id"), List.of("value", "score", "detail")));

        ResultTable older = lake.retrieve(request(ids("id", "1"), "facts:value", "facts:score", "facts:detail")
                .setViews(List.of(Given.use("facts").setSnapshotId(before).build())));

        assertThat(older.rows()).containsExactly("1 10 null null");
        assertThat(older.types()).element(2).isEqualTo("int");
        assertThat(older.completed().warnings())
                .extracting(Violation::getCode, Violation::getField)
                .containsExactly(tuple("COLUMN_NOT_YET", "features[1]"), tuple("COLUMN_NOT_YET", "features[2]"));
        assertThat(older.completed().warnings().getFirst().getMessage())
                .contains("facts:score")
                .contains("'score'")
                .contains(Long.toString(before));

        ResultTable alone = lake.retrieve(request(ids("id", "1"), "facts:score")
                .setViews(List.of(Given.use("facts").setSnapshotId(before).build())));
        assertThat(alone.rows()).containsExactly("1 null");
        assertThat(alone.completed().views().getFirst().getMatched()).isEqualTo(1);
        ResultTable again = lake.retrieve(
                request(ids("id", "1"), "facts:score").setPins(alone.completed().pins()));
        assertThat(again.completed().digest()).isEqualTo(alone.completed().digest());
        assertThat(lake.retrieve(request(ids("id", "1"), "facts:*")).completed().warnings())
                .isEmpty();
    }

    @Test
    void rule13AColumnThatWasAddedAfterTheLastCommitIsNullAtItsSnapshot() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long head = facts.currentSnapshot().snapshotId();
        facts.updateSchema().addColumn("score", Types.IntegerType.get()).commit();
        facts.refresh();
        lake.register(lake.view(facts, List.of("id"), List.of("value", "score")));

        ResultTable result = lake.retrieve(request(ids("id", "1"), "facts:value", "facts:score")
                .setViews(List.of(Given.use("facts").setSnapshotId(head).build())));

        assertThat(result.rows()).containsExactly("1 10 null");
        assertThat(result.completed().warnings()).extracting(Violation::getCode).containsExactly("COLUMN_NOT_YET");
    }

    @Test
    void rule13AKeyThatTheSnapshotDoesNotHaveYetIsRefusedWithTheReason() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long before = facts.currentSnapshot().snapshotId();
        facts.updateSchema().addColumn("region", Types.StringType.get()).commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 11 | eu");
        lake.register(lake.view(facts, List.of("region"), List.of("value")));

        Violation violation = lake.violations(request(ids("region", "eu"), "facts:value")
                        .setViews(
                                List.of(Given.use("facts").setSnapshotId(before).build())))
                .getFirst();
        assertThat(violation.getCode()).isEqualTo("VIEW_BROKEN");
        assertThat(violation.getMessage()).contains("'region' was added after the snapshot");
    }

    @Test
    void rule13AColumnThatWasDroppedBeforeTheSnapshotIsNotTakenForOneThatIsNotThereYet() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long first = facts.currentSnapshot().snapshotId();
        facts.updateSchema().addColumn("score", Types.IntegerType.get()).commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 11 | 5");
        lake.register(lake.view(facts, List.of("id"), List.of("value", "score")));
        // the table has its first schema again, with its id
        facts.updateSchema().deleteColumn("score").commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-03 | 12");
        long afterwards = facts.currentSnapshot().snapshotId();
        lake.append(facts, "1 | 2024-01-04 | 13");
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:score");

        assertThat(lake.retrieve(request.setViews(
                                List.of(Given.use("facts").setSnapshotId(first).build())))
                        .rows())
                .containsExactly("1 null");
        assertThat(lake.codes(request.setViews(
                        List.of(Given.use("facts").setSnapshotId(afterwards).build()))))
                .containsExactly("VIEW_BROKEN");
        assertThat(lake.codes(request.setViews(List.of()))).containsExactly("VIEW_BROKEN");
    }

    @Test
    void aBrokenViewIsReadAtAnOlderSnapshotOnly() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long snapshot = facts.currentSnapshot().snapshotId();
        lake.register(lake.view(facts, List.of("id"), List.of("value")).setStatus(ViewStatus.BROKEN));
        facts.manageSnapshots()
                .createTag("audit", snapshot)
                .createBranch("work", snapshot)
                .commit();
        RetrievalRequest.Builder request = request(ids("id", "1"), "facts:value");

        assertThat(lake.codes(request)).containsExactly("VIEW_BROKEN");
        assertThat(lake.codes(request.setViews(
                        List.of(Given.use("facts").setRef("work").build()))))
                .containsExactly("VIEW_BROKEN");
        assertThat(lake.retrieve(request.setViews(
                                List.of(Given.use("facts").setRef("audit").build())))
                        .rows())
                .containsExactly("1 10");
    }

    @Test
    void rule14SkippingNeverChangesAResult() {
        Table facts = lake.table("facts", "id uuid, event timestamptz, value int");
        // their signed and unsigned orders differ: apache/iceberg#14216
        lake.append(
                facts,
                "10000000-0000-0000-0000-000000000000 | 2024-01-01 | 1",
                "50000000-0000-0000-0000-000000000000 | 2024-01-01 | 2",
                "f0000000-0000-0000-0000-000000000000 | 2024-01-01 | 3");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));

        assertThat(lake.values(
                        "facts:value",
                        "50000000-0000-0000-0000-000000000000 2024-01-02",
                        "f0000000-0000-0000-0000-000000000000 2024-01-02",
                        "90000000-0000-0000-0000-000000000000 2024-01-02"))
                .containsExactly("2", "3", "null");
    }

    @Test
    void rule15EmptyTablesAndEmptySpinesAreValid() {
        Table facts = lake.table("facts", FACTS);
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        assertThat(lake.retrieve(request(ids("id", "1"), "facts:value")).rows()).containsExactly("1 null");

        lake.append(facts, "1 | 2024-01-01 | 10");
        ResultTable empty = lake.retrieve(request(ids("id"), "facts:value"));
        assertThat(empty.rows()).isEmpty();
        assertThat(empty.names()).containsExactly("id", "value");
        assertThat(lake.retrieve(request(
                                files(SpineKind.CSV, lake.spineFile("empty.csv", "id,event_timestamp\n")),
                                "facts:value"))
                        .rows())
                .isEmpty();
        Table none = lake.table("none", "id long, event_timestamp timestamptz");
        assertThat(lake.retrieve(request(table(none.name()), "facts:value")).rows())
                .isEmpty();
    }
}
