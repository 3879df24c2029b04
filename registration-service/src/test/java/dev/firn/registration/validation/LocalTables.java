package dev.firn.registration.validation;

import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// Iceberg tables in a folder, under a catalog in SQLite. Their data files exist in metadata only.
final class LocalTables implements AutoCloseable {
    static final TableName NAME = TableName.parse("iceberg.gold.customer_aggregates");

    /// The columns that [Views#request] names.
    static final Schema SCHEMA = new Schema(
            NestedField.required(1, "customer_id", Types.LongType.get()),
            NestedField.optional(2, "total_orders", Types.LongType.get()),
            NestedField.optional(3, "avg_order_value", Types.DoubleType.get()),
            NestedField.optional(4, "updated_at", Types.TimestampType.withZone()));

    static final int KEY = 1;
    static final int TIMESTAMP = 4;

    final Catalogs catalogs;
    private final JdbcCatalog writer = new JdbcCatalog();

    LocalTables(Path folder) {
        Map<String, String> properties = Map.of(
                "type", "jdbc",
                "uri", "jdbc:sqlite:" + folder.resolve("catalog.db") + "?journal_mode=WAL&busy_timeout=5000",
                "warehouse", folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO");
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of("gold"));
        catalogs = Catalogs.of(
                Map.of("iceberg", properties),
                Map.of("client.region", "us-east-1"),
                new Access(
                        Set.of("iceberg"),
                        Set.of(),
                        List.of("s3://lake/spines"),
                        folder.resolve("results").toString()));
    }

    Table create() {
        return writer.createTable(TableIdentifier.of("gold", NAME.table()), SCHEMA);
    }

    /// Adds a file of 10 rows.
    ///
    /// @param nulls number of null values by field id
    void append(Table table, FileFormat format, Map<Integer, Long> nulls) {
        Map<Integer, ByteBuffer> noBounds = Map.of();
        table.newAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .withPath("%s/data/%s.%s"
                                .formatted(
                                        table.location(),
                                        UUID.randomUUID(),
                                        format.name().toLowerCase(Locale.ROOT)))
                        .withFileSizeInBytes(1_000)
                        .withFormat(format)
                        .withMetrics(new Metrics(10L, Map.of(), Map.of(), nulls, Map.of(), noBounds, noBounds))
                        .build())
                .commit();
    }

    LakeTable load() {
        return catalogs.load(NAME);
    }

    @Override
    public void close() {
        catalogs.close();
        writer.close();
    }
}
