package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.engine.Column;
import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ColumnValues;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.WrittenFile;
import dev.firn.lake.targets.ResultPart;
import dev.firn.lake.targets.Target;
import dev.firn.lake.targets.TargetRun;
import dev.firn.lake.targets.TargetTables;
import dev.firn.lake.targets.Written;
import dev.firn.testkit.TestStack;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// A target table on the stack, after two runs: the first one has one row, the second one other two.
final class WrittenTarget {
    private static final Schema COLUMNS = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "name", Types.StringType.get()),
            NestedField.optional(3, "score", Types.DoubleType.get()),
            NestedField.optional(4, "seen", Types.TimestampType.withZone()),
            NestedField.optional(5, "price", Types.DecimalType.of(9, 2)));

    private WrittenTarget() {}

    static void write(TestStack stack, String schema) {
        Map<String, String> properties = stack.addresses().icebergCatalogProperties();
        try (Catalogs catalogs = Catalogs.of(
                Map.of(StackAddresses.CATALOG, properties),
                properties,
                new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results")
                        .withTargetSchemas(Set.of(StackAddresses.CATALOG + "." + schema)))) {
            Target target =
                    new Target(new TableName(StackAddresses.CATALOG, schema, "target"), "firn/standing/" + schema);
            write(catalogs, target, 1, List.of(row(7L, "gone", 0.0, 0L, "0.00")));
            write(
                    catalogs,
                    target,
                    2,
                    List.of(row(1L, "ann", 1.5, 1_704_067_200_000_001L, "12.30"), row(2L, null, null, null, null)));
        }
    }

    private static List<@Nullable Object> row(
            Long id, @Nullable String name, @Nullable Double score, @Nullable Long seen, @Nullable String price) {
        return Arrays.asList(id, name, score, seen, price == null ? null : new BigDecimal(price));
    }

    /// Commits a result with these rows.
    private static void write(Catalogs catalogs, Target target, int number, List<List<@Nullable Object>> rows) {
        String result =
                "s3://lake/results/%s/1/token%d".formatted(target.table().schema(), number);
        List<Column> columns = IntStream.range(0, COLUMNS.columns().size())
                .mapToObj(c -> ColumnValues.column(
                        COLUMNS.columns().get(c).type(),
                        rows.stream().map(row -> row.get(c)).toList()))
                .toList();
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult file = ParquetResult.create(
                        catalogs.storage().output(result + "/part-00000000.parquet"), COLUMNS, tasks)) {
            file.write(columns, 0, rows.size());
            WrittenFile written = file.finish();
            Written outcome = new TargetTables(catalogs)
                    .write(
                            target,
                            new TargetRun("daily.r" + number, number, result, Map.of(), Set.of()),
                            List.of(new ResultPart(
                                    written.location(), written.rows(), written.bytes(), written.sha256())),
                            () -> {});
            assertThat(outcome).isInstanceOf(Written.Committed.class);
        }
    }
}
