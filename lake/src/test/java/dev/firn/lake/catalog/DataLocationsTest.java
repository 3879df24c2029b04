package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.StoreIO;
import dev.firn.lake.storage.TableCaches;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.ResolvingFileIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DataLocationsTest {
    private static final TableName ORDERS = TableName.parse("iceberg.gold.orders");
    private static final String TABLE = "s3://lake/gold/orders";

    private static DataLocations locations(FileIO io, @Nullable String warehouse, String table, String... named) {
        Access access =
                new Access(Set.of("iceberg"), Set.of(), List.of(), "s3://lake/results", Set.of(), List.of(named));
        return DataLocations.of(access, ORDERS, warehouse, io, table);
    }

    private static void refused(DataLocations locations, String location) {
        assertThatThrownBy(() -> locations.check(location))
                .isInstanceOfSatisfying(LakeRejection.class, e -> {
                    assertThat(e.code()).isEqualTo("DATA_LOCATION_NOT_ALLOWED");
                    assertThat(e.lakeCode()).isEqualTo(LakeCode.DATA_LOCATION_NOT_ALLOWED);
                })
                .hasMessageContaining("[iceberg.gold.orders]")
                .hasMessageContaining("firn.access.data-locations");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/gold/orders/data/a.parquet",
                "s3a://lake/gold/orders/data/a.parquet",
                "s3n://lake/gold/orders/metadata/snap-1.avro",
                "S3://lake/gold/orders/data/a.parquet",
                "s3://lake/gold/orders//data/a.parquet",
                "s3://lake/gold/orders/data/name=a%2F..%2Fb%0A/a.parquet",
                "s3://lake/gold/orders/data/name=50%25%5C/..a..b/a.parquet",
                "s3://lake/warehouse/0f3a/gold/orders/a.parquet"
            })
    void filesUnderTheTableOrTheWarehouseAreAllowed(String location) {
        DataLocations locations = locations(new ResolvingFileIO(), "s3a://lake/warehouse/", TABLE);
        assertThatCode(() -> locations.check(location)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://lake/gold/orders2/data/a.parquet",
                "s3://lake/gold/a.parquet",
                "s3://lake/gold/ORDERS/a.parquet",
                "s3://other/gold/orders/data/a.parquet",
                "s3://user@lake/gold/orders/data/a.parquet",
                "file:/etc/passwd",
                "file:///etc/passwd",
                "/etc/passwd",
                "http://lake/gold/orders/data/a.parquet",
                "https://169.254.169.254/latest/meta-data",
                "hdfs://lake/gold/orders/data/a.parquet",
                "gs://lake/gold/orders/data/a.parquet",
                "jar:file:/gold/orders",
                "gold/orders/data/a.parquet",
                "s3://lake/gold/orders/../customers/a.parquet",
                "s3://lake/gold/orders/./a.parquet",
                "s3://lake/gold/orders/%2e%2e/customers/a.parquet",
                "s3://lake/gold/orders/%252E./customers/a.parquet",
                "s3://lake/gold/orders\\..\\a.parquet",
                "s3://lake/gold/orders/a\nb.parquet",
                "s3:lake/gold/orders/a.parquet",
                ""
            })
    void otherFilesAreRefused(String location) {
        refused(locations(new ResolvingFileIO(), "s3://lake/warehouse", TABLE), location);
    }

    @Test
    void whatTheOperatorNamesReplacesTheDefault() {
        DataLocations locations =
                locations(new S3FileIO(), "s3://lake/warehouse", TABLE, "s3a://imports/hive", "gs://more");
        assertThatCode(() -> locations.check("s3://imports/hive/dt=1/a.parquet"))
                .doesNotThrowAnyException();
        assertThatCode(() -> locations.check("gs://more/a.parquet")).doesNotThrowAnyException();
        refused(locations, TABLE + "/data/a.parquet");
        refused(locations, "s3://lake/warehouse/a.parquet");
    }

    /// An owner of a table may set its location.
    @ParameterizedTest
    @CsvSource({
        "s3://lake/warehouse, file:/etc, file:/etc/passwd",
        "s3://lake/warehouse, http://intern/api, http://intern/api/v1",
        "main, file:/etc, file:/etc/passwd",
        ", hdfs://nn/t, hdfs://nn/t/a"
    })
    void aTableDoesNotChooseAnotherScheme(@Nullable String warehouse, String table, String file) {
        refused(locations(new ResolvingFileIO(), warehouse, table), file);
    }

    @ParameterizedTest
    @CsvSource({
        "file:///warehouse, /elsewhere/t, file:/elsewhere/t/a.parquet",
        ", gs://b/t, gs://b/t/a.parquet",
        ", abfss://c@a.dfs.core.windows.net/t, abfss://c@a.dfs.core.windows.net/t/a.parquet",
        "main, s3://b/t, s3n://b/t/a.parquet"
    })
    void aSchemeOfTheCatalogIsAllowed(@Nullable String warehouse, String table, String file) {
        DataLocations locations = locations(new ResolvingFileIO(), warehouse, table);
        assertThatCode(() -> locations.check(file)).doesNotThrowAnyException();
    }

    @Test
    void aCatalogThatReadsThroughHadoopReadsWhatHadoopReads() {
        DataLocations locations = locations(new HadoopFileIO(), null, "hdfs://nn:8020/t");
        assertThatCode(() -> locations.check("hdfs://nn:8020/t/a.parquet")).doesNotThrowAnyException();
        refused(locations(new HadoopFileIO(), null, "http://nn/t"), "http://nn/t/a.parquet");
    }

    @Test
    void theGuardOpensNothingElseAndWritesNothing() {
        FileIO guarded = new GuardedFileIO(
                StoreIO.of(new HadoopFileIO()),
                locations(new S3FileIO(), null, TABLE),
                TableCaches.NONE.ofTable("orders", "none"));
        assertThatThrownBy(() -> guarded.newInputFile("file:/etc/passwd")).isInstanceOf(LakeRejection.class);
        assertThatThrownBy(() -> guarded.newInputFile("file:/etc/passwd", 9)).isInstanceOf(LakeRejection.class);
        assertThatThrownBy(() -> guarded.newOutputFile(TABLE + "/a")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> guarded.deleteFile(TABLE + "/a")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aMalformedSettingIsRefusedAtOnce() {
        assertThatThrownBy(() -> locations(new S3FileIO(), null, TABLE, "imports/hive"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'imports/hive'");
        assertThatThrownBy(() -> locations(new S3FileIO(), null, TABLE, "s3://a/../b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
