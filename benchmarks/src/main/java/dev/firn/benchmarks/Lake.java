package dev.firn.benchmarks;

import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.Dtype;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/// The generated files as Iceberg tables: a JDBC catalog over SQLite, in the data folder.
final class Lake implements AutoCloseable {
    static final String CATALOG = "bench";
    static final String SCHEMA = "bench";

    private final Data data;
    private final Map<String, String> properties;
    private final JdbcCatalog catalog = new JdbcCatalog();

    Lake(Data data) {
        this.data = data;
        this.properties = Map.of(
                "type", "jdbc",
                "uri", uri(data.folder()),
                "warehouse", data.folder().resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO",
                "client.region", "us-east-1");
        catalog.setConf(new Configuration());
        catalog.initialize(CATALOG, properties);
        if (!catalog.namespaceExists(Namespace.of(SCHEMA))) {
            catalog.createNamespace(Namespace.of(SCHEMA));
        }
    }

    private static String uri(Path folder) {
        return "jdbc:sqlite:" + folder.resolve("catalog.db") + "?journal_mode=WAL&busy_timeout=5000";
    }

    static Schema schema(TableSpec table) {
        List<NestedField> fields = new ArrayList<>();
        table.keys().forEach(key -> add(fields, key.name(), Types.fromPrimitiveString(key.type())));
        add(fields, TableSpec.TIME, Types.TimestampType.withZone());
        table.features().forEach(column -> add(fields, column.name(), Types.fromPrimitiveString(column.type())));
        return new Schema(fields);
    }

    private static void add(List<NestedField> fields, String name, Type type) {
        fields.add(NestedField.optional(fields.size() + 1, name, type));
    }

    /// The table over its files, made where it is missing.
    Table table(TableSpec spec) {
        TableIdentifier id = TableIdentifier.of(
                SCHEMA, data.folderOf(spec).getFileName().toString().replace('-', '_'));
        List<Path> files = data.files(spec);
        if (catalog.tableExists(id)) {
            return catalog.loadTable(id);
        }
        Schema schema = schema(spec);
        boolean byDay = spec.layout() == TableSpec.Layout.BY_DAY;
        PartitionSpec partitions =
                byDay ? PartitionSpec.builderFor(schema).day(TableSpec.TIME).build() : PartitionSpec.unpartitioned();
        Table table = catalog.createTable(id, schema, partitions);
        AppendFiles append = table.newAppend();
        for (int f = 0; f < files.size(); f++) {
            InputFile file = table.io().newInputFile(files.get(f).toUri().toString());
            DataFiles.Builder entry = DataFiles.builder(table.spec())
                    .withPath(file.location())
                    .withFormat(FileFormat.PARQUET)
                    .withFileSizeInBytes(file.getLength())
                    .withMetrics(ParquetUtil.fileMetrics(file, MetricsConfig.getDefault()));
            if (byDay) {
                entry.withPartitionPath(
                        TableSpec.TIME + "_day=" + LocalDate.of(2024, 1, 1).plusDays(f));
            }
            append.appendFile(entry.build());
        }
        append.commit();
        return table;
    }

    /// What a worker would be given to read these tables with.
    Catalogs catalogs() {
        String results = data.folder().resolve("results").toString();
        String spines = data.spines().toString();
        return Catalogs.of(
                Map.of(CATALOG, properties),
                properties,
                new Access(Set.of(CATALOG), Set.of(), List.of(spines), results));
    }

    /// A view as the registry would hold it.
    FeatureView view(TableSpec spec, Scenario.View view) {
        Table table = table(spec);
        Schema schema = table.schema();
        Instant now = Instant.now();
        return FeatureView.newBuilder()
                .setName(view.name())
                .setVersion(1)
                .setStatus(ViewStatus.ACTIVE)
                .setEntities(spec.keyNames().stream()
                        .map(key -> column(schema, key, false))
                        .toList())
                .setFeatures(view.features().stream()
                        .map(feature -> column(schema, feature, true))
                        .toList())
                .setSource(ResolvedSource.newBuilder()
                        .setCatalog(CATALOG)
                        .setSchema$(SCHEMA)
                        .setTableName(table.name().substring(table.name().lastIndexOf('.') + 1))
                        .setTableUuid(table.uuid().toString())
                        .setSchemaId(schema.schemaId())
                        .setMetadataLocation(
                                ((BaseTable) table).operations().current().metadataFileLocation())
                        .setLocation(table.location())
                        .setDataPath("")
                        .setTimestamp(column(schema, TableSpec.TIME, false))
                        .setCreatedTimestamp(null)
                        .build())
                .setTtlMicros(view.ttlMicros())
                .setRequestId("bench")
                .setDefinitionDigest("")
                .setCreatedAt(now)
                .setUpdatedAt(now)
                .build();
    }

    private static ResolvedColumn column(Schema schema, String name, boolean feature) {
        NestedField field = schema.findField(name);
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(name)
                .setFieldId(field.fieldId())
                .setType(field.type().toString())
                .setDtype(feature ? Dtype.of(field.type()).orElseThrow().toString() : "")
                .build();
    }

    @Override
    public void close() {
        catalog.close();
    }
}
