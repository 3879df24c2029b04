package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a spine that hold nothing, or that are cut off. Each is named at the first attempt.
final class EmptyAndCutSpinesTest {
    private static final Schema IDS_AND_TIMES = TableText.schema("id long, event_timestamp timestamptz");
    private static final byte[] NOTHING = {};

    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        lake.facts("facts", "1 | 2024-01-01 | 10");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void anEmptyFileIsNamed() {
        lake.spineFile("csv/a.csv", "id,event_timestamp\n1,2024-02-01\n");
        lake.spineFile("csv/b.csv", NOTHING);
        assertNamed(SpineKind.CSV, lake.spines() + "/csv/", "b.csv");

        lake.spineFile("parquet/empty.parquet", NOTHING);
        assertNamed(SpineKind.PARQUET, lake.spines() + "/parquet/", "empty.parquet");

        lake.spineParquet("both/a.parquet", IDS_AND_TIMES, "1 | 2024-02-01");
        lake.spineFile("both/b.parquet", NOTHING);
        assertNamed(SpineKind.PARQUET, lake.spines() + "/both/", "b.parquet");
    }

    @Test
    void aParquetFileThatIsCutOffIsNamedWhereverItEnds() throws IOException {
        Path file = Path.of(lake.spineParquet("cut/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01", "2 | 2024-02-01"));
        byte[] all = Files.readAllBytes(file);
        for (int length = 1; length < all.length; length += 1 + all.length / 40) {
            Files.write(file, Arrays.copyOf(all, length));
            assertNamed(SpineKind.PARQUET, lake.spines() + "/cut/", "p.parquet");
        }
    }

    /// A header alone, a Parquet file without rows: valid.
    @Test
    void aSpineWithoutRowsGivesAResultWithoutRows() {
        String csv = lake.spineFile("none.csv", "id,event_timestamp\n");

        ResultTable result = lake.retrieve(request(files(SpineKind.CSV, csv), "facts:value"));

        assertThat(result.names()).containsExactly("id", "event_timestamp", "value");
        assertThat(result.rows()).isEmpty();
        assertThat(result.completed().files()).hasSize(1);
    }

    @Test
    void aFolderWithoutDataHasNoSpine() {
        lake.spineFile("hidden/_SUCCESS", NOTHING);
        assertThat(lake.codes(request(files(SpineKind.CSV, lake.spines() + "/hidden/"), "facts:value")))
                .containsExactly("SPINE_NOT_FOUND");
    }

    private void assertNamed(SpineKind kind, String location, String file) {
        List<Violation> violations = lake.violations(request(files(kind, location), "facts:value"));
        assertThat(violations).hasSize(1);
        assertThat(violations.getFirst().getCode()).isEqualTo("SPINE_UNREADABLE");
        assertThat(violations.getFirst().getMessage())
                .contains(file)
                .doesNotContain("Exception")
                .doesNotContain("java.")
                .doesNotContain("org.apache");
    }
}
