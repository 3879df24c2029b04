package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.files;
import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Spines in folders as Hive, Spark, Trino, DuckDB and PyArrow write them.
final class HiveFoldersTest {
    private static final Schema IDS_AND_TIMES = TableText.schema("id long, event_timestamp timestamptz");
    private static final Schema TIMES = TableText.schema("event_timestamp timestamptz");
    private static final Schema IDS = TableText.schema("id long");

    private LakeFixture lake;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        lake.facts("facts", "1 | 2024-01-01 | 10", "2 | 2024-01-01 | 20", "3 | 2024-01-01 | 30");
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void aColumnThatBeginsWithAnUnderscoreIsNotHidden() {
        lake.spineParquet("s/_region=eu/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01", "2 | 2024-02-01");
        lake.spineParquet("s/.zone=1/p.parquet", IDS_AND_TIMES, "2 | 2024-02-01");
        lake.spineParquet("s/rest.parquet", IDS_AND_TIMES, "3 | 2024-02-01");
        for (String hidden : List.of(
                "s/_SUCCESS",
                "s/.rest.parquet.crc",
                "s/._region=eu.crc",
                "s/_temporary/0/p.parquet",
                "s/_r=1/.p.crc")) {
            lake.spineFile(hidden, "not Parquet");
        }

        ResultTable result = lake.retrieve(request(files(SpineKind.PARQUET, lake.spines() + "/s/"), "facts:value"));

        assertThat(result.column("id")).containsExactly("2", "1", "2", "3");
        assertThat(result.column("value")).containsExactly("20", "10", "20", "30");
        assertThat(result.column("_region")).containsExactly("null", "eu", "eu", "null");
        assertThat(result.column(".zone")).containsExactly("1", "null", "null", "null");
    }

    @Test
    void keysAndTimesInTheFoldersHaveTheirTypes() {
        lake.spineParquet("s/dt=2024-01-01/id=1/p.parquet", TableText.schema("note string"), "a", "b");
        lake.spineParquet("s/dt=2023-12-31/id=2/p.parquet", TableText.schema("note string"), "c");
        lake.spineParquet(
                "s/dt=2024-02-01/id=__HIVE_DEFAULT_PARTITION__/p.parquet", TableText.schema("note string"), "d");
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, lake.spines() + "/s/"))
                .setTimestampColumn("dt")
                .build();

        ResultTable result = lake.retrieve(request(spine, "facts:value"));

        assertThat(result.schema().findField("id").type()).hasToString("long");
        assertThat(result.schema().findField("dt").type()).hasToString("timestamptz");
        assertThat(result.column("note")).containsExactly("c", "a", "b", "d");
        assertThat(result.column("id")).containsExactly("2", "1", "1", "null");
        assertThat(result.column("value")).containsExactly("null", "10", "10", "null");
    }

    @Test
    void csvFilesGetTheColumnsOfTheirFolders() {
        lake.spineFile("s/id=1/a.csv", "event_timestamp\n2024-02-01\n2024-02-02\n");
        lake.spineFile("s/id=2/a.csv", "event_timestamp\n2024-02-01\n");
        lake.spineFile("s/id=2/b.csv", "event_timestamp\n");
        lake.spineFile("s/id=3/a.csv", "event_timestamp\n2024-02-01\n");

        ResultTable result = lake.retrieve(request(files(SpineKind.CSV, lake.spines() + "/s/"), "facts:value"));

        assertThat(result.column("id")).containsExactly("1", "1", "2", "3");
        assertThat(result.column("value")).containsExactly("10", "10", "20", "30");
    }

    @Test
    void valuesAreDecodedAndDeclaredTypesHold() {
        lake.spineParquet("s/city=S%C3%A3o%20Paulo%2FBR+x/hour=05/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01");
        lake.spineParquet("s/city=100%/hour=23/p.parquet", IDS_AND_TIMES, "2 | 2024-02-01");
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, lake.spines() + "/s/"))
                .setColumnTypes(Map.of("hour", "int32"))
                .build();

        ResultTable result = lake.retrieve(request(spine, "facts:value"));

        assertThat(result.column("city")).containsExactly("100%", "S\u00e3o Paulo/BR+x");
        assertThat(result.schema().findField("hour").type()).hasToString("int");
        assertThat(result.column("hour")).containsExactly("23", "5");
    }

    /// The columns and values as Hive, Spark and Trino escape them: each of `"#%'*/:=?{[]^` is a percent sign and two
    /// digits, and all other characters stand as they are.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%22%23%25%2A%2F%3A%3D%3F%7B%5B%5D%5E} | \"#%*/:=?{[]^}",
                "a%3Db=c | a=b=c",
                "100%25 | 100%",
                "%252F | %2F",
                "5% off %2F 1%zz%3A | 5% off / 1%zz:",
                "caf\u00e9%3A%E9%3a | caf\u00e9:\u00e9:",
                "caf%C3%A9%20%E2%82%AC | caf\u00e9 \u20ac",
                "%__HIVE_DEFAULT_PARTITION__ | %__HIVE_DEFAULT_PARTITION__",
                "%5F_HIVE_DEFAULT_PARTITION__ | __HIVE_DEFAULT_PARTITION__",
            })
    void escapedCharactersAreDecodedOneByOne(String folder, String value) {
        lake.spineParquet("s/a%3Ab=" + folder + "/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01");

        ResultTable result = lake.retrieve(request(files(SpineKind.PARQUET, lake.spines() + "/s/"), "facts:value"));

        assertThat(result.column("a:b")).containsExactly(value);
    }

    @Test
    void aTimeInTheFoldersIsEscapedToo() {
        lake.spineParquet("s/at=2024-01-01 00%3A00%3A00/p.parquet", IDS, "1");
        lake.spineParquet("s/at=2023-12-31 23%3A59%3A59.999999/p.parquet", IDS, "1");
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, lake.spines() + "/s/"))
                .setTimestampColumn("at")
                .build();

        assertThat(lake.retrieve(request(spine, "facts:value")).column("value")).containsExactly("null", "10");
    }

    @Test
    void aColumnOfTheFilesIsTheirs() {
        lake.spineParquet("s/id=9/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01");

        ResultTable result = lake.retrieve(request(files(SpineKind.PARQUET, lake.spines() + "/s/"), "facts:value"));

        assertThat(result.column("id")).containsExactly("1");
    }

    /// The file's second column has no name, but none of its columns is asked for.
    @Test
    void columnsOfFoldersOnlyReadNoneOfACsvFile() {
        lake.spineFile("s/dt=2024-02-01/id=1/a.csv", "x,\n7,0\n8,1\n");
        Spine spine = Spine.newBuilder(files(SpineKind.CSV, lake.spines() + "/s/"))
                .setTimestampColumn("dt")
                .setColumns(List.of("id", "dt"))
                .build();

        ResultTable result = lake.retrieve(request(spine, "facts:value"));

        assertThat(result.column("id")).containsExactly("1", "1");
        assertThat(result.column("value")).containsExactly("10", "10");
    }

    /// No column of the files is asked for, so one that Firn cannot read does not matter.
    @Test
    void columnsOfFoldersOnlyReadNoneOfAParquetFile() {
        for (String id : List.of("1", "2")) {
            new GroupFile("optional fixed_len_byte_array(12) i (INTERVAL);", _ -> {}, _ -> {})
                    .write(Path.of(lake.spines(), "s/dt=2024-02-01/id=" + id + "/p.parquet"));
        }
        lake.spineParquet("s/dt=2024-02-01/id=3/p.parquet", TableText.schema("x int"), "7", "8");
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, lake.spines() + "/s/"))
                .setTimestampColumn("dt")
                .build();

        assertThat(lake.codes(request(spine, "facts:value"))).containsExactly("SPINE_UNREADABLE");
        ResultTable result = lake.retrieve(
                request(Spine.newBuilder(spine).setColumns(List.of("id", "dt")).build(), "facts:value"));
        assertThat(result.column("id")).containsExactly("1", "1", "2", "2", "3", "3");
        assertThat(result.column("value")).containsExactly("10", "10", "20", "20", "30", "30");
    }

    @Test
    void columnsChoosesAmongBoth() {
        lake.spineParquet("s/dt=2024-02-01/zone=a/p.parquet", TableText.schema("note string, id long"), "x | 1");
        Spine spine = Spine.newBuilder(files(SpineKind.PARQUET, lake.spines() + "/s/"))
                .setTimestampColumn("dt")
                .setColumns(List.of("dt", "id"))
                .build();
        assertThat(lake.retrieve(request(spine, "facts:value")).names()).containsExactly("dt", "id", "value");

        lake.spineFile("t/dt=2024-02-01/id=1/p.csv", "note\nx\ny\n");
        Spine onlyFolders = Spine.newBuilder(files(SpineKind.CSV, lake.spines() + "/t/"))
                .setTimestampColumn("dt")
                .setColumns(List.of("id", "dt"))
                .build();
        ResultTable result = lake.retrieve(request(onlyFolders, "facts:value"));
        assertThat(result.names()).containsExactly("id", "dt", "value");
        assertThat(result.column("value")).containsExactly("10", "10");
    }

    @Test
    void onlyFoldersBelowTheLocationNameColumns() {
        String file = lake.spineParquet("id=1/p.parquet", TIMES, "2024-02-01");

        assertThat(lake.codes(request(files(SpineKind.PARQUET, file), "facts:value")))
                .containsExactly("SPINE_KEY_MISSING");
        assertThat(lake.codes(request(files(SpineKind.PARQUET, lake.spines() + "/id=1/"), "facts:value")))
                .containsExactly("SPINE_KEY_MISSING");
    }

    @Test
    void whatAFolderCannotMeanIsRefusedByName() {
        lake.spineParquet("s/id=one/p.parquet", TIMES, "2024-02-01");
        Violation invalid = lake.violations(request(files(SpineKind.PARQUET, lake.spines() + "/s/"), "facts:value"))
                .getFirst();
        assertThat(invalid.getCode()).isEqualTo("SPINE_VALUE_INVALID");
        assertThat(invalid.getMessage()).contains("id=one/p.parquet").contains("column id");

        lake.spineParquet("t/id=1/id=2/p.parquet", TIMES, "2024-02-01");
        assertThat(lake.codes(request(files(SpineKind.PARQUET, lake.spines() + "/t/"), "facts:value")))
                .containsExactly("COLUMN_COLLISION");

        lake.spineParquet("u/ID=1/p.parquet", IDS_AND_TIMES, "1 | 2024-02-01");
        assertThat(lake.codes(request(files(SpineKind.PARQUET, lake.spines() + "/u/"), "facts:value")))
                .containsExactly("COLUMN_COLLISION");

        lake.spineParquet("v/x\\..\\y=1/p.parquet", IDS, "1");
        assertThat(lake.codes(request(files(SpineKind.PARQUET, lake.spines() + "/v/"), "facts:value")))
                .containsExactly("LOCATION_INVALID");
    }

    @Test
    void anEmptySpineHasTheColumnsOfItsFoldersToo() {
        lake.spineFile("s/zone=a/p.csv", "id,event_timestamp\n");

        ResultTable result = lake.retrieve(request(files(SpineKind.CSV, lake.spines() + "/s/"), "facts:value"));

        assertThat(result.names()).containsExactly("id", "event_timestamp", "zone", "value");
        assertThat(result.column("id")).isEmpty();
    }
}
