package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.ids;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.schemas.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A target that cannot be written is refused before any data is read.
final class TargetCheckTest {
    private LakeFixture lake;
    private Catalogs catalogs;
    private Table facts;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        catalogs = lake.writingCatalogs();
        facts = lake.facts("facts", "1 | 2024-01-01 | 10");
    }

    @AfterEach
    void close() {
        catalogs.close();
        lake.close();
    }

    @Test
    void aTargetThatDoesNotExistYetPasses() {
        assertThat(retrieve(targeting("iceberg.features.daily")).rows()).isOne();
        assertThat(lake.writer().tableExists(identifier()))
                .as("nothing is created before the outcome")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "daily",
                "features.daily",
                "iceberg.features.",
                "iceberg..daily",
                "iceberg.features.Daily",
                "iceberg.features.a b",
                "iceberg.features.a#b",
                "iceberg.features.a/../b",
                "iceberg.features.a\u0000b",
                "iceberg.features.daily$snapshots",
                ""
            })
    void aHostileNameIsTargetInvalid(String name) {
        refused(targeting(name), Code.TARGET_INVALID);
    }

    @Test
    void aSchemaThatIsNotAllowedIsTargetNotAllowed() {
        Violation violation = refused(targeting("iceberg.silver.daily"), Code.TARGET_NOT_ALLOWED);
        assertThat(violation.getFault()).isEqualTo(Fault.REQUEST);
        assertThat(violation.getMessage()).contains("iceberg.silver").contains("iceberg.features");
        refused(targeting("hive.features.daily"), Code.TARGET_NOT_ALLOWED);
    }

    @Test
    void aTableOfSomebodyElseIsTargetNotOwned() {
        lake.writer().createTable(identifier(), facts.schema());
        refused(targeting("iceberg.features.daily"), Code.TARGET_NOT_OWNED);
    }

    @Test
    void aTableOfAnotherRequestIsTargetNotOwned() {
        owned("firn/request/request-2");
        refused(targeting("iceberg.features.daily"), Code.TARGET_NOT_OWNED);
        // another deployment, and a standing retrieval of the same id
        owned("other/request/request-1");
        refused(targeting("iceberg.features.daily"), Code.TARGET_NOT_OWNED);
        owned("firn/standing/request-1");
        refused(targeting("iceberg.features.daily"), Code.TARGET_NOT_OWNED);
        assertThat(retrieve(targeting("iceberg.features.daily").setStandingId("request-1"))
                        .rows())
                .isOne();
    }

    @Test
    void aTableThatTheRequestReadsIsTargetIsInput() {
        refused(targeting("iceberg.gold.facts"), Code.TARGET_IS_INPUT);
        lake.table("rows", "id long, event_timestamp timestamptz");
        refused(
                request(Given.table("iceberg.gold.rows"), "facts:value").setTarget("iceberg.gold.rows"),
                Code.TARGET_IS_INPUT);
    }

    /// The same table under another name, which the request does not mention.
    @Test
    void aTableThatTheRequestReadsUnderAnotherNameIsTargetIsInput() {
        facts.updateProperties().set("firn.owner", "firn/request/request-1").commit();
        String metadata = ((BaseTable) facts).operations().current().metadataFileLocation();
        lake.writer().registerTable(identifier(), metadata);
        refused(targeting("iceberg.features.daily"), Code.TARGET_IS_INPUT);
    }

    /// Another standing retrieval has made the input from the target: each run would start the next one.
    @Test
    void aTableThatWasMadeFromTheTargetIsTargetIsInput() {
        owned("firn/standing/request-1");
        madeFrom("00000000-0000-0000-0000-000000000000," + targetUuid());
        RetrievalRequest.Builder run = targeting("iceberg.features.daily").setStandingId("request-1");
        assertThat(refused(run, Code.TARGET_IS_INPUT).getMessage())
                .contains("[iceberg.features.daily]")
                .contains("[iceberg.gold.facts]");

        lake.table("rows", "id long, event_timestamp timestamptz");
        madeFrom("");
        Table rows = lake.writer().loadTable(TableIdentifier.of("gold", "rows"));
        rows.updateProperties()
                .set("firn.owner", "firn/standing/other")
                .set("firn.made-from", targetUuid())
                .commit();
        refused(
                request(Given.table("iceberg.gold.rows"), "facts:value")
                        .setTarget("iceberg.features.daily")
                        .setStandingId("request-1"),
                Code.TARGET_IS_INPUT);
    }

    /// No commit to the target changes such a table, so there is nothing to refuse.
    @Test
    void aTableThatWasMadeFromTheTargetMayBeReadAtASnapshot() {
        owned("firn/standing/request-1");
        madeFrom(targetUuid());
        Completed completed = retrieve(targeting("iceberg.features.daily")
                .setStandingId("request-1")
                .setViews(List.of(Given.use("facts")
                        .setSnapshotId(facts.currentSnapshot().snapshotId())
                        .build())));
        assertThat(completed.rows()).isOne();
        assertThat(completed.madeFrom()).isEmpty();
    }

    /// Firn commits to main only, so no run moves a tag or another branch.
    @Test
    void aTableThatWasMadeFromTheTargetMayBeReadAtATagOrBranch() {
        owned("firn/standing/request-1");
        madeFrom(targetUuid());
        long snapshot = facts.currentSnapshot().snapshotId();
        facts.manageSnapshots()
                .createTag("v1", snapshot)
                .createBranch("audit", snapshot)
                .commit();
        for (String ref : List.of("v1", "audit")) {
            Completed completed = retrieve(targeting("iceberg.features.daily")
                    .setStandingId("request-1")
                    .setViews(List.of(Given.use("facts").setRef(ref).build())));
            assertThat(completed.madeFrom()).as(ref).isEmpty();
        }
        refused(
                targeting("iceberg.features.daily")
                        .setStandingId("request-1")
                        .setViews(List.of(Given.use("facts").setRef("main").build())),
                Code.TARGET_IS_INPUT);
    }

    @Test
    void aRunSaysWhichTargetTablesItsRowsComeFrom() {
        RetrievalRequest run =
                targeting("iceberg.features.daily").setStandingId("request-1").build();
        assertThat(retrieve(RetrievalRequest.newBuilder(run)).madeFrom()).isEmpty();
        madeFrom("a,b");
        assertThat(retrieve(RetrievalRequest.newBuilder(run)).madeFrom())
                .containsExactlyInAnyOrder("a", "b", facts.uuid().toString());
        assertThat(retrieve(targeting("iceberg.features.daily")).madeFrom())
                .as("a single request does not run again")
                .isEmpty();
        facts.updateProperties().remove("firn.owner").commit();
        assertThat(retrieve(RetrievalRequest.newBuilder(run)).madeFrom())
                .as("no target table")
                .isEmpty();
    }

    private void madeFrom(String tables) {
        facts.updateProperties()
                .set("firn.owner", "firn/standing/other")
                .set("firn.made-from", tables)
                .commit();
    }

    private String targetUuid() {
        return lake.writer().loadTable(identifier()).uuid().toString();
    }

    @Test
    void aTargetWithOtherColumnsIsTargetSchemaChanged() {
        owned("firn/request/request-1");
        lake.writer()
                .loadTable(identifier())
                .updateSchema()
                .addColumn("note", Types.StringType.get())
                .commit();
        Violation violation = refused(targeting("iceberg.features.daily"), Code.TARGET_SCHEMA_CHANGED);
        assertThat(violation.getMessage()).contains("'note'");
    }

    @Test
    void allThatIsWrongIsReportedAtOnce() {
        RetrievalRequest.Builder request = targeting("iceberg.silver.daily").setRetain(true);
        assertThat(violations(request))
                .extracting(Violation::getCode)
                .containsExactlyInAnyOrder(Code.TARGET_NOT_ALLOWED.name(), Code.RETAIN_NOT_ALLOWED.name());
    }

    @Test
    void aTargetChangesNothingAboutTheRows() {
        assertThat(retrieve(targeting("iceberg.features.daily")).digest())
                .isEqualTo(retrieve(request(ids("id", "1"), "facts:value")).digest());
    }

    private void owned(String owner) {
        if (lake.writer().tableExists(identifier())) {
            lake.writer().dropTable(identifier());
        }
        lake.writer()
                .buildTable(identifier(), facts.schema())
                .withProperty("firn.owner", owner)
                .create();
        // as that retrieval would have made it
        lake.writer()
                .loadTable(identifier())
                .updateSchema()
                .deleteColumn("event")
                .commit();
    }

    private static TableIdentifier identifier() {
        return TableIdentifier.of("features", "daily");
    }

    private static RetrievalRequest.Builder targeting(String table) {
        return request(ids("id", "1"), "facts:value").setTarget(table);
    }

    private Violation refused(RetrievalRequest.Builder request, Code code) {
        List<Violation> violations = violations(request);
        assertThat(violations).singleElement().satisfies(violation -> {
            assertThat(violation.getCode()).isEqualTo(code.name());
            assertThat(violation.getField()).isEqualTo("target");
        });
        return violations.getFirst();
    }

    private List<Violation> violations(RetrievalRequest.Builder request) {
        return catchThrowableOfType(RetrievalRejected.class, () -> retrieve(request))
                .violations();
    }

    private Completed retrieve(RetrievalRequest.Builder request) {
        Retrieval retrieval = new Retrieval(
                catalogs,
                new MemoryBudget(256L << 20),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000L),
                        1_000,
                        new ScanSettings(1, 1_024),
                        null,
                        Duration.ofMinutes(1),
                        "",
                        Refresh.Settings.OFF,
                        "firn"));
        return retrieval.run(new Retrieval.Task(
                request.build(),
                Given.NOW,
                lake.views(),
                null,
                lake.results() + "/targeted",
                new Cancellation(),
                Progress.NONE));
    }
}
