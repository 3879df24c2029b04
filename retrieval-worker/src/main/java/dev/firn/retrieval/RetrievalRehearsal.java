package dev.firn.retrieval;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalLimits;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// Retrieves a few rows of a small table in a local folder, so that a worker's AOT cache has the classes of its first
/// answer: see [dev.firn.service.ServiceRehearsal].
public final class RetrievalRehearsal {
    private static final String CATALOG = "iceberg";
    private static final int ROWS = 2_000;
    private static final long MEMORY_BYTES = 64L << 20;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final Schema COLUMNS = new Schema(
            NestedField.required(1, "id", Types.LongType.get()),
            NestedField.required(2, "event_timestamp", Types.TimestampType.withZone()),
            NestedField.optional(3, "amount", Types.DoubleType.get()),
            NestedField.optional(4, "country", Types.StringType.get()));

    private RetrievalRehearsal() {}

    /// Leaves nothing behind.
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("firn-rehearsal");
        try {
            Completed _ = retrieve(folder);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    static Completed retrieve(Path folder) throws IOException {
        Map<String, String> properties = Map.of(
                "type", "jdbc",
                "uri", "jdbc:sqlite:" + folder.resolve("catalog.db"),
                "warehouse", folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO",
                "client.region", "us-east-1");
        String results = folder.resolve("results").toString();
        try (JdbcCatalog writer = new JdbcCatalog();
                Catalogs catalogs = Catalogs.of(
                        Map.of(CATALOG, properties),
                        properties,
                        new Access(Set.of(CATALOG), Set.of(), List.of(), results, Set.of()),
                        CatalogLimits.DEFAULTS)) {
            writer.setConf(new Configuration());
            writer.initialize(CATALOG, properties);
            FeatureView view = view(table(writer));
            Retrieval retrieval = new Retrieval(
                    catalogs,
                    new MemoryBudget(MEMORY_BYTES),
                    new Retrieval.Settings(
                            new RetrievalLimits(10, 10, ROWS),
                            ROWS,
                            ScanSettings.DEFAULTS.withThreads(1),
                            Duration.ofMinutes(1)));
            return retrieval.run(new Retrieval.Task(
                    request(),
                    NOW,
                    Views.of(Map.of(view.getName(), view)),
                    null,
                    results + "/rehearsal",
                    new Cancellation(),
                    Progress.NONE));
        }
    }

    private static Table table(JdbcCatalog catalog) throws IOException {
        catalog.createNamespace(Namespace.of("gold"));
        Table table = catalog.createTable(TableIdentifier.of("gold", "orders"), COLUMNS, PartitionSpec.unpartitioned());
        DataWriter<Record> data = Parquet.writeData(table.io().newOutputFile(table.location() + "/data/0.parquet"))
                .forTable(table)
                .createWriterFunc(GenericParquetWriter::create)
                .build();
        try (data) {
            for (long row = 0; row < ROWS; row++) {
                Record values = GenericRecord.create(COLUMNS);
                values.setField("id", row % 100);
                values.setField(
                        "event_timestamp",
                        OffsetDateTime.parse("2025-01-01T00:00:00Z").plusMinutes(row));
                values.setField("amount", row % 7 == 0 ? null : row / 8.0);
                values.setField("country", "country " + row % 5);
                data.write(values);
            }
        }
        table.newAppend().appendFile(data.toDataFile()).commit();
        return table;
    }

    private static FeatureView view(Table table) {
        return EventJson.read(FeatureView.class, """
                {"name": "orders", "version": 1, "status": "ACTIVE", "request_id": "rehearsal", "definition_digest": "",
                 "created_at": "2025-12-01T00:00:00Z", "updated_at": "2025-12-01T00:00:00Z",
                 "entities": [{"name": "id", "column": "id", "field_id": 1, "type": "long", "dtype": ""}],
                 "features": [
                   {"name": "amount", "column": "amount", "field_id": 3, "type": "double", "dtype": "float64"},
                   {"name": "country", "column": "country", "field_id": 4, "type": "string", "dtype": "string"}],
                 "source": {"catalog": "%s", "schema": "gold", "table_name": "orders", "table_uuid": "%s", "schema_id": %d,
                   "metadata_location": "%s", "location": "%s", "data_path": "",
                   "timestamp": {"name": "event_timestamp", "column": "event_timestamp", "field_id": 2,
                     "type": "timestamptz", "dtype": ""}}}
                """.formatted(
                        CATALOG,
                        table.uuid(),
                        table.schema().schemaId(),
                        ((BaseTable) table).operations().current().metadataFileLocation(),
                        table.location()));
    }

    private static RetrievalRequest request() {
        return EventJson.read(RetrievalRequest.class, """
                {"request_id": "rehearsal", "features": ["orders:amount", "orders:country"],
                 "spine": {"kind": "ROWS", "columns": ["id", "event_timestamp"],
                   "rows": [["1", "2025-06-01T00:00:00Z"], ["2", "2025-01-01T12:00:00Z"], ["100", "2025-06-01T00:00:00Z"]]}}
                """);
    }
}
