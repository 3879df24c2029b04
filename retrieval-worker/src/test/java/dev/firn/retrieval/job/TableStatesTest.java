package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.all;
import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.idsAndTimes;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.LakeFixture.FACTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.SpineKind;
import dev.firn.events.ViewOutcome;
import dev.firn.events.ViewUse;
import dev.firn.schemas.Code;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The states in which writers leave tables. Each test is a whole retrieval.
final class TableStatesTest {
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
    void rule13DeletionVectorsHideRows() {
        Table facts = lake.table("facts", TableText.schema(FACTS), PartitionSpec.unpartitioned(), 3);
        DataFile first = lake.append(facts, "1 | 2024-01-01 | 10", "1 | 2024-01-02 | 20", "2 | 2024-01-01 | 5");
        register(facts);
        TableFiles.deleteByVector(facts, first, 1);
        assertThat(values("1 2024-02-01", "2 2024-02-01")).containsExactly("10", "5");

        lake.append(facts, "1 | 2024-01-03 | 30");
        assertThat(values("1 2024-02-01")).containsExactly("30");
    }

    @Test
    void rule13PositionAndEqualityDeletesApplyTogether() {
        Table facts = lake.table("facts", FACTS);
        DataFile first = lake.append(
                facts,
                "1 | 2024-01-01 | 10",
                "1 | 2024-01-02 | 20",
                "1 | 2024-01-03 | 30",
                "2 | 2024-01-01 | 5",
                "3 | 2024-01-01 | 7");
        register(facts);
        TableFiles.deletePositions(facts, first, 2);
        TableFiles.deleteEqual(facts, "value", "20");
        TableFiles.deleteEqual(facts, "id", "3");
        assertThat(values("1 2024-02-01", "2 2024-02-01", "3 2024-02-01")).containsExactly("10", "5", "null");

        DataFile second = lake.append(facts, "1 | 2024-01-02 | 20", "3 | 2024-01-02 | 8", "3 | 2024-01-03 | 9");
        TableFiles.deletePositions(facts, second, 2);
        assertThat(values("1 2024-02-01", "3 2024-02-01")).containsExactly("20", "8");
    }

    @Test
    void aViewIsReadOnItsBranchAndOnATag() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        long first = facts.currentSnapshot().snapshotId();
        facts.manageSnapshots()
                .createBranch("audit", first)
                .createTag("v1", first)
                .commit();
        lake.append(facts, "1 | 2024-01-02 | 20");
        DataFile audited = TableFiles.write(facts, "1 | 2024-01-03 | 30");
        facts.newAppend().appendFile(audited).toBranch("audit").commit();

        register(facts);
        assertThat(values("1 2024-02-01")).containsExactly("20");
        assertThat(values(Given.use("facts").setRef("audit"), "1 2024-02-01")).containsExactly("30");
        assertThat(values(Given.use("facts").setRef("v1"), "1 2024-02-01")).containsExactly("10");

        registerOn(facts, "audit");
        assertThat(values("1 2024-02-01")).containsExactly("30");
        registerOn(facts, "v1");
        assertThat(values("1 2024-02-01")).containsExactly("10");
    }

    @Test
    void anOlderSnapshotMayHoldItsKeyInANarrowerType() {
        Table facts = lake.table("facts", "id int, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10", "-1 | 2024-01-01 | 11");
        long narrow = facts.currentSnapshot().snapshotId();
        facts.updateSchema()
                .updateColumn("id", Types.LongType.get())
                .updateColumn("value", Types.LongType.get())
                .commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 20", "5000000000 | 2024-01-01 | 50", "705032704 | 2024-01-01 | 51");
        register(facts);
        ViewUse.Builder older = Given.use("facts").setSnapshotId(narrow);

        assertThat(values("1 2024-02-01", "-1 2024-02-01", "5000000000 2024-02-01"))
                .containsExactly("20", "11", "50");
        assertThat(values(older, "1 2024-02-01", "-1 2024-02-01", "5000000000 2024-02-01"))
                .containsExactly("10", "11", "null");

        Schema spine = TableText.schema("id long, event_timestamp timestamptz");
        String file = lake.spineParquet("typed.parquet", spine, "1 | 2024-02-01", "4294967297 | 2024-02-01");
        assertThat(lake.retrieve(request(files(SpineKind.PARQUET, file), "facts:value")
                                .setViews(List.of(older.build())))
                        .column("value"))
                .containsExactly("10", "null");
    }

    @Test
    void columnsRenamedAfterTheRegistrationAreFollowed() {
        Table facts = lake.table("facts", FACTS);
        lake.append(facts, "1 | 2024-01-01 | 10");
        register(facts);
        facts.updateSchema()
                .renameColumn("id", "customer")
                .renameColumn("event", "at")
                .renameColumn("value", "amount")
                .commit();
        facts.updateSchema()
                .addColumn("id", Types.StringType.get())
                .addColumn("event", Types.StringType.get())
                .addColumn("value", Types.StringType.get())
                .commit();
        facts.refresh();
        lake.append(facts, "1 | 2024-01-02 | 20 | not | at | all");

        ResultTable result = retrieve(Given.use("facts"), "1 2024-01-01", "1 2024-02-01");
        assertThat(result.names()).containsExactly("id", "event_timestamp", "value");
        assertThat(result.types()).last().isEqualTo("int");
        assertThat(result.column("value")).containsExactly("10", "20");
    }

    @Test
    void rule15ATableWithoutASnapshotHasNoEntitiesAndAnswersNulls() {
        register(lake.table("facts", FACTS));

        assertThat(values("1 2024-02-01")).containsExactly("null");
        ResultTable all = lake.retrieve(request(all(), "facts:value"));
        assertThat(all.rows()).isEmpty();
        assertThat(all.names()).containsExactly("id", "value");
    }

    @Test
    void rule14SkippingDaysOutsideTheTtlChangesNoResult() {
        Schema schema = TableText.schema(FACTS);
        Table byDay = lake.table(
                "facts", schema, PartitionSpec.builderFor(schema).day("event").build(), 2);
        Table whole = lake.table("whole", FACTS);
        List<String> all = new ArrayList<>();
        for (int day = 0; day < 30; day++) {
            LocalDate date = LocalDate.of(2024, 1, 1).plusDays(day);
            String[] rows = {
                "1 | %sT00:00:00Z | %d".formatted(date, day), "2 | %sT23:59:59.999999Z | %d".formatted(date, 100 + day)
            };
            lake.append(byDay, rows);
            all.addAll(List.of(rows));
        }
        lake.append(whole, all.toArray(String[]::new));
        long ttl = Duration.ofDays(1).toNanos() / 1_000;
        lake.register(lake.view(byDay, List.of("id"), List.of("value")).setTtlMicros(ttl));
        lake.register(lake.view(whole, List.of("id"), List.of("value")).setTtlMicros(ttl));
        String[] spine = {
            "1 2024-01-20T00:00:00Z",
            "2 2024-01-20T00:00:00Z",
            "2 2024-01-20T23:59:59.999998Z",
            "1 2024-01-20T12:00:00Z",
            "3 2024-01-20T12:00:00Z"
        };

        ResultTable skipping = retrieve(Given.use("facts"), spine);
        ResultTable reading = lake.retrieve(request(idsAndTimes(spine), "whole:value"));

        assertThat(skipping.column("value"))
                .containsExactly("19", "118", "118", "19", "null")
                .isEqualTo(reading.column("value"));
        ViewOutcome outcome = skipping.completed().views().getFirst();
        assertThat(outcome.getFilesRead()).isEqualTo(2);
        assertThat(outcome.getFilesSkipped()).isEqualTo(28);
        assertThat(reading.completed().views().getFirst().getFilesSkipped()).isZero();
    }

    @Test
    void rule14AnIndexThatCannotBeReadIsLeftOutAndSaidSo() throws IOException {
        Table facts = lake.table("facts", FACTS);
        damageColumnIndex(lake.append(facts, "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20"));
        lake.append(facts, "3 | 2024-01-01 | 30");
        register(facts);
        ResultTable result = lake.retrieve(request(idsAndTimes("1 2024-02-01", "3 2024-02-01"), "facts:value"));
        assertThat(result.column("value")).containsExactly("10", "30");
        assertThat(result.completed().warnings()).singleElement().satisfies(warning -> {
            assertThat(warning.getCode()).isEqualTo(Code.INDEX_IGNORED.name());
            assertThat(warning.getField()).isEqualTo("features[0]");
            assertThat(warning.getMessage()).startsWith("1 file of").contains(".parquet: column index of column id");
        });
    }

    private static void damageColumnIndex(DataFile file) throws IOException {
        Path path = Path.of(URI.create(file.location()).getPath());
        IndexReference index;
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(path))) {
            index = reader.getFooter()
                    .getBlocks()
                    .getFirst()
                    .getColumns()
                    .getFirst()
                    .getColumnIndexReference();
        }
        byte[] bytes = Files.readAllBytes(path);
        Arrays.fill(bytes, (int) index.getOffset(), (int) index.getOffset() + index.getLength(), (byte) 0xA7);
        Files.deleteIfExists(path.resolveSibling("." + path.getFileName() + ".crc"));
        Files.write(path, bytes);
    }

    private void register(Table facts) {
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
    }

    private void registerOn(Table facts, String ref) {
        FeatureView.Builder view = lake.view(facts, List.of("id"), List.of("value"));
        lake.register(view.setSource(
                ResolvedSource.newBuilder(view.getSource()).setRef(ref).build()));
    }

    private List<String> values(String... idsAndTimes) {
        return values(Given.use("facts"), idsAndTimes);
    }

    private List<String> values(ViewUse.Builder use, String... idsAndTimes) {
        return retrieve(use, idsAndTimes).column("value");
    }

    private ResultTable retrieve(ViewUse.Builder use, String... idsAndTimes) {
        RetrievalRequest.Builder request = request(idsAndTimes(idsAndTimes), "facts:value");
        return lake.retrieve(request.setViews(List.of(use.build())));
    }
}
