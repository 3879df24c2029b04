package dev.firn.lake.targets;

import dev.firn.engine.Column;
import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ColumnValues;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.WrittenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Results in a folder, written by Firn, and a catalog over SQLite that may take them as tables.
final class TargetFixture implements AutoCloseable {
    static final Target TARGET = new Target(TableName.parse("iceberg.features.daily"), "firn/standing/daily");
    static final Schema COLUMNS = schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "name", Types.StringType.get()));

    final HookedCatalog writer = new HookedCatalog();
    final Catalogs catalogs;
    final TargetTables targets;
    private final Path folder;
    private int results;

    TargetFixture(Path folder) {
        this.folder = folder;
        Map<String, String> properties = Map.of(
                "catalog-impl",
                HookedCatalog.class.getName(),
                "uri",
                "jdbc:sqlite:" + folder.resolve("catalog.db") + "?journal_mode=WAL&busy_timeout=5000",
                "warehouse",
                folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version",
                "V1",
                "io-impl",
                "org.apache.iceberg.hadoop.HadoopFileIO");
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of("features"));
        catalogs = Catalogs.of(
                Map.of("iceberg", properties),
                Map.of("client.region", "us-east-1"),
                new Access(
                                Set.of("iceberg"),
                                Set.of(),
                                List.of(),
                                folder.resolve("results").toString())
                        .withTargetSchemas(Set.of("iceberg.features", "iceberg.absent")),
                CatalogLimits.DEFAULTS.withCallTime(Duration.ofSeconds(10)));
        targets = new TargetTables(catalogs);
    }

    static Schema schema(NestedField... fields) {
        return new Schema(List.of(fields));
    }

    /// A result of a run: where it is, and its one file.
    record Result(TargetRun run, List<ResultPart> parts) {}

    /// A result of one file with these columns, each a list of values.
    Result result(long number, Schema schema, List<List<@Nullable Object>> columns) {
        String result = folder.resolve("results/firn/daily.r%d/1/token%d".formatted(number, results++))
                .toString();
        return new Result(
                new TargetRun(
                        "daily.r" + number, number, result, Map.of("firn.content-digest", "d" + number), Set.of()),
                List.of(part(result, schema, columns)));
    }

    /// A result with the rows `1 … rows`, in [#COLUMNS].
    Result result(long number, int rows) {
        List<@Nullable Object> ids = new ArrayList<>();
        List<@Nullable Object> names = new ArrayList<>();
        IntStream.rangeClosed(1, rows).forEach(row -> {
            ids.add((long) row);
            names.add("run " + number);
        });
        return result(number, COLUMNS, List.of(ids, names));
    }

    ResultPart part(String result, Schema schema, List<List<@Nullable Object>> values) {
        List<Column> columns = IntStream.range(0, values.size())
                .mapToObj(i -> ColumnValues.column(schema.columns().get(i).type(), values.get(i)))
                .toList();
        String location = result + "/part-00000000.parquet";
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult file = ParquetResult.create(catalogs.storage().output(location), schema, tasks)) {
            file.write(columns, 0, values.getFirst().size());
            WrittenFile written = file.finish();
            return new ResultPart(written.location(), written.rows(), written.bytes(), written.sha256());
        }
    }

    Written write(Result result) {
        return write(TARGET, result);
    }

    Written write(Target target, Result result) {
        return targets.write(target, result.run(), result.parts(), () -> {});
    }

    static TableIdentifier identifier() {
        return TableIdentifier.of("features", TARGET.table().table());
    }

    Table table() {
        return writer.loadTable(identifier());
    }

    /// The rows that another reader sees.
    List<Record> rows() {
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table()).build()) {
            return StreamSupport.stream(rows.spliterator(), false)
                    .map(Record::copy)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The names of all rows, which say of which run they are.
    List<Object> names() {
        return rows().stream().map(row -> row.getField("name")).toList();
    }

    /// All Parquet files under the table's location.
    List<Path> files() {
        try (Stream<Path> all = Files.walk(folder.resolve("warehouse"))) {
            return all.filter(file -> file.toString().endsWith(".parquet")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        HookedCatalog.never();
        catalogs.close();
        writer.close();
    }
}
