package dev.firn.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.cli.render.Console;
import dev.firn.lake.scan.FileReport;
import dev.firn.lake.scan.SkipReason;
import dev.firn.lake.scan.Skipped;
import dev.firn.lake.scan.TableReport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class InspectionTextTest {
    private final StringWriter out = new StringWriter();
    private final Console console = new Console(new PrintWriter(out), new PrintWriter(out), false);

    private static FileReport file(String name, List<String> distrusted, List<FileReport.Refusal> refused) {
        return new FileReport(
                name,
                1_000,
                "",
                2,
                List.of(new FileReport.RowGroup(50, 400, 50), new FileReport.RowGroup(50, 400, 0)),
                List.of(new FileReport.Column(
                        "id",
                        "INT64",
                        new TreeSet<>(List.of("PLAIN")),
                        new TreeSet<>(List.of("ZSTD")),
                        800,
                        900,
                        -1,
                        Map.of(FileReport.Part.STATISTICS, 2, FileReport.Part.BLOOM_FILTER, 1))),
                distrusted,
                refused,
                Map.of(SkipReason.STATISTICS, new Skipped(0, 1, 0, 400)));
    }

    @Test
    void whatIsDistrustedAndRefusedIsListed() {
        new InspectionText(console, false)
                .file(file(
                        "a.parquet",
                        List.of("row group 0: statistics of column id: the bounds contradict each other"),
                        List.of(new FileReport.Refusal("v", "SPINE_UNREADABLE", "[a.parquet] column 'v' has a type"))));
        assertThat(out.toString())
                .contains("writer          not named", "statistics, bloom filter (1 of 2)", "unknown")
                .contains("distrusted  row group 0: statistics of column id: the bounds contradict each other")
                .contains("refused     SPINE_UNREADABLE [a.parquet] column 'v' has a type")
                .doesNotContain("Nothing is distrusted");
    }

    @Test
    void aTableCountsItsWritersAndSaysWhatIsRead() {
        new InspectionText(console, true)
                .table(new TableReport(
                        "c.s.t",
                        "s3://lake/t",
                        2,
                        new TableReport.Snapshot(7, 0, "append", Map.of()),
                        "day of ts",
                        List.of(new TableReport.Column(1, "id", "long")),
                        12,
                        1,
                        2,
                        Map.of(SkipReason.FILE_BOUNDS, new Skipped(10, 0, 0, 5_000)),
                        List.of(file("a", List.of(), List.of()), file("b", List.of("x"), List.of())),
                        List.of()));
        assertThat(out.toString())
                .contains("snapshot        7, append at 1970-01-01T00:00:00Z", "partitions      day of ts")
                .contains("writer          not named: 2 files", "distrusted  b: x")
                .containsPattern("file bounds +10 +0 +0 +5000")
                .contains("to read         2 of 12 files, 100 rows of the 2 that were looked into");
    }
}
