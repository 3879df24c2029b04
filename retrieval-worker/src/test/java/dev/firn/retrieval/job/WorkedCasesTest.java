package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.idsAndTimes;
import static dev.firn.retrieval.job.Given.request;
import static dev.firn.retrieval.job.Given.row;
import static dev.firn.retrieval.job.Given.rows;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The worked cases of docs/semantics.md. Each test is a whole retrieval over a real Iceberg table.
final class WorkedCasesTest {
    private static final long DAY = 86_400_000_000L;
    private static final String COLUMNS = "id long, event timestamptz, created timestamptz, value int";

    private LakeFixture lake;
    private Table table;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        table = lake.table("facts", COLUMNS);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void basic() {
        lake.append(
                table,
                "1 | 2023-12-31 | 2023-12-31 | 11",
                "1 | 2024-01-02 | 2024-01-02 | 22",
                "1 | 2024-01-03 | 2024-01-03 | 33",
                "2 | 2023-01-03 | 2023-01-03 | 22",
                "3 | 2024-01-01 | 2024-01-03 | 10",
                "3 | 2024-01-01 | 2024-01-02 | 20");

        assertThat(values("1 2024-01-01", "1 2024-01-02", "2 2024-01-01", "3 2024-01-03"))
                .containsExactly("11", "22", "null", "10");
    }

    @Test
    void backfill() {
        lake.append(
                table,
                "1001 | 2024-01-01 | 2024-01-01 | 10",
                "1001 | 2024-01-01 | 2024-01-02 | 20",
                "1002 | 2024-01-01 | 2024-01-02 | 30",
                "1002 | 2024-01-02 | 2024-01-01 | 40");

        assertThat(values("1001 2024-01-03", "1002 2024-01-03")).containsExactly("20", "40");
    }

    @Test
    void createdCutOff() {
        lake.append(table, "1 | 2024-01-01 | 2024-01-01 | 10", "1 | 2024-01-01 | 2024-01-03 | 20");

        assertThat(values("1 2024-01-02")).containsExactly("20");
        assertThat(filteredByCreated("1 2024-01-02")).containsExactly("10");
    }

    @Test
    void createdCutOffBetweenTwoSpineRows() {
        lake.append(table, "1 | 2024-01-01 | 2024-01-01 | 10", "1 | 2024-01-05 | 2024-01-08 | 20");

        assertThat(filteredByCreated("1 2024-01-06", "1 2024-01-09")).containsExactly("10", "20");
    }

    @Test
    void lateRowThatIsOlder() {
        lake.append(table, "1 | 2024-01-05 | 2024-01-05 | 10", "1 | 2024-01-03 | 2024-01-08 | 20");

        assertThat(filteredByCreated("1 2024-01-06", "1 2024-01-09")).containsExactly("10", "10");
    }

    @Test
    void deletedNewest() {
        DataFile file = lake.append(table, "1 | 2024-01-01 | 2024-01-01 | 10", "1 | 2024-01-02 | 2024-01-02 | 20");
        TableFiles.deletePositions(table, file, 1);

        assertThat(values("1 2024-01-03")).containsExactly("10");
    }

    @Test
    void dailyTotalIsSeenOnceItsDayIsOver() {
        Table daily = lake.table("daily", "id long, event date, value int");
        lake.append(daily, "1 | 2024-03-01 | 7");
        lake.register(lake.view(daily, List.of("id"), List.of("value")).setAvailableAfterMicros(DAY));

        ResultTable result = lake.retrieve(request(
                rows(
                        List.of("id", "event_timestamp"),
                        row("1", "2024-03-01T09:00:00Z"),
                        row("1", "2024-03-02T00:00:00Z")),
                "daily:value"));
        assertThat(result.column("value")).containsExactly("null", "7");
    }

    @Test
    void nanosecondsNeverLeakFromTheFuture() {
        Table nanos = lake.table(
                "nanos",
                TableText.schema("id long, event timestamptz_ns, value int"),
                PartitionSpec.unpartitioned(),
                3);
        lake.append(nanos, "1 | 2024-01-01T10:00:00.000000900Z | 5");
        lake.register(lake.view(nanos, List.of("id"), List.of("value")));

        ResultTable result = lake.retrieve(request(
                rows(List.of("id", "event_timestamp"), row("1", "2024-01-01T10:00:00.000000Z")), "nanos:value"));
        assertThat(result.column("value")).containsExactly("null");
    }

    @Test
    void exactTtlEdge() {
        lake.append(table, "1 | 2024-01-01 | 2024-01-01 | 10", "2 | 2023-12-31T23:59:59.999999Z | 2024-01-01 | 20");

        assertThat(values("1 2024-01-11", "2 2024-01-11")).containsExactly("10", "null");
    }

    @Test
    void neverSeenOnlyFutureOnlyExpired() {
        lake.append(table, "2 | 2024-02-01 | 2024-02-01 | 20", "3 | 2023-01-01 | 2023-01-01 | 30");

        assertThat(values("1 2024-01-01", "2 2024-01-01", "3 2024-01-01")).containsExactly("null", "null", "null");
    }

    private List<String> values(String... idsAndTimes) {
        return retrieve(false, idsAndTimes).column("value");
    }

    private List<String> filteredByCreated(String... idsAndTimes) {
        return retrieve(true, idsAndTimes).column("value");
    }

    private ResultTable retrieve(boolean filterByCreated, String... idsAndTimes) {
        lake.register(lake.view(table, List.of("id"), List.of("value")).setTtlMicros(10 * DAY));
        return lake.retrieve(request(idsAndTimes(idsAndTimes), "facts:value").setFilterByCreated(filterByCreated));
    }
}
