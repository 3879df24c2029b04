package dev.firn.benchmarks;

import dev.firn.embedded.StackAddresses;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.ViewStatus;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.columns.ColumnCache;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
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
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The generated files as Iceberg tables: in a JDBC catalog over SQLite in the data folder, or in the embedded stack's
/// catalog, with copies of the files in its store.
final class BenchTables implements AutoCloseable {
    static final String SCHEMA = "bench";
    private static final String LOCAL_CATALOG = "bench";
    private static final String STORED_SPINES = "s3://%s/bench-spines".formatted(StackAddresses.BUCKET);
    private static final String STORED_RESULTS = "s3://%s/bench-results".formatted(StackAddresses.BUCKET);

    private final GeneratedFiles data;
    private final boolean stored;
    private final String catalogName;
    private final Map<String, String> properties;
    private final JdbcCatalog catalog = new JdbcCatalog();

    static BenchTables of(GeneratedFiles data, Scenario scenario) {
        return scenario.isInStore()
                ? new BenchTables(
                        data, true, StackAddresses.CATALOG, data.stack().icebergCatalogProperties())
                : new BenchTables(
                        data,
                        false,
                        LOCAL_CATALOG,
                        Map.of(
                                "type", "jdbc",
                                "uri", uri(data.folder()),
                                "warehouse",
                                        data.folder()
                                                .resolve("warehouse")
                                                .toUri()
                                                .toString(),
                                "jdbc.schema-version", "V1",
                                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO",
                                "client.region", "us-east-1"));
    }

    private BenchTables(GeneratedFiles data, boolean stored, String catalogName, Map<String, String> properties) {
        this.data = data;
        this.stored = stored;
        this.catalogName = catalogName;
        this.properties = properties;
        catalog.setConf(new Configuration());
        catalog.initialize(catalogName, properties);
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

    /// The table over the generated files. Creates it if it is missing.
    Table table(TableSpec spec) {
        TableIdentifier id = TableIdentifier.of(
                SCHEMA, data.folderOf(spec).getFileName().toString().replace('-', '_'));
        if (catalog.tableExists(id)) {
            return catalog.loadTable(id);
        }
        return create(id, spec);
    }

    /// The table of a scenario with a change, as it is before the change. Replaces the one of an earlier run.
    Table newTable(Scenario scenario) {
        TableIdentifier id = changed(scenario);
        if (catalog.tableExists(id)) {
            Path folder = Path.of(URI.create(catalog.loadTable(id).location()));
            catalog.dropTable(id, false);
            GeneratedFiles.delete(folder);
        }
        return create(id, scenario.table());
    }

    private static TableIdentifier changed(Scenario scenario) {
        return TableIdentifier.of(SCHEMA, scenario.name().replace('-', '_'));
    }

    private Table create(TableIdentifier id, TableSpec spec) {
        List<Path> files = data.files(spec);
        Schema schema = schema(spec);
        boolean byDay = spec.layout() == TableSpec.Layout.BY_DAY;
        PartitionSpec partitions =
                byDay ? PartitionSpec.builderFor(schema).day(TableSpec.TIME).build() : PartitionSpec.unpartitioned();
        Table table = catalog.createTable(id, schema, partitions);
        AppendFiles append = table.newAppend();
        for (int f = 0; f < files.size(); f++) {
            String partition =
                    byDay ? TableSpec.TIME + "_day=" + LocalDate.of(2024, 1, 1).plusDays(f) : "";
            append.appendFile(entry(table, files.get(f), partition));
        }
        append.commit();
        return table;
    }

    /// The scenario's spine as a table, for engines that read only tables.
    Table spineTable(Scenario scenario) {
        TableIdentifier id = TableIdentifier.of(
                SCHEMA, scenario.spineFile().replace(".parquet", "").replace('-', '_'));
        if (catalog.tableExists(id)) {
            return catalog.loadTable(id);
        }
        List<NestedField> fields = new ArrayList<>();
        add(fields, "row_id", Types.LongType.get());
        scenario.table().keys().forEach(key -> add(fields, key.name(), Types.fromPrimitiveString(key.type())));
        add(fields, TableSpec.TIME, Types.TimestampType.withZone());
        Schema schema = new Schema(fields);
        Table table = catalog.createTable(
                id,
                schema,
                PartitionSpec.unpartitioned(),
                Map.of(TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(MappingUtil.create(schema))));
        table.newAppend().appendFile(entry(table, data.spine(scenario), "")).commit();
        return table;
    }

    DataFile entry(Table table, Path path, String partition) {
        InputFile local = org.apache.iceberg.Files.localInput(path.toFile());
        String location = path.toUri().toString();
        if (stored) {
            location = "%s/data/%s".formatted(table.location(), path.getFileName());
            copy(path, location);
        }
        DataFiles.Builder entry = DataFiles.builder(table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(local.getLength())
                .withMetrics(ParquetUtil.fileMetrics(local, MetricsConfig.getDefault()));
        if (!partition.isEmpty()) {
            entry.withPartitionPath(partition);
        }
        return entry.build();
    }

    private void copy(Path from, String to) {
        try (FileIO io = io();
                OutputStream target = io.newOutputFile(to).createOrOverwrite()) {
            Files.copy(from, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A FileIO of the catalog's store. The caller closes it.
    FileIO io() {
        return CatalogUtil.loadFileIO(properties.get(CatalogProperties.FILE_IO_IMPL), properties, new Configuration());
    }

    /// The location of the scenario's spine, for Firn. Copies it to the store if the scenario needs that.
    String spine(Scenario scenario) {
        Path local = data.spine(scenario);
        if (!stored) {
            return local.toString();
        }
        String location = STORED_SPINES + "/" + local.getFileName();
        copy(local, location);
        return location;
    }

    /// The location of a folder of results, for the engines that write to it.
    String results(Path folder) {
        return stored ? STORED_RESULTS + "/" + data.storedResults().relativize(folder) : folder.toString();
    }

    /// Catalogs for these tables, as a worker has them.
    Catalogs catalogs() {
        return catalogs(0, null);
    }

    /// The same, where metadata and columns are kept.
    Catalogs catalogs(long metadataBytes, @Nullable ColumnCache columns) {
        return Catalogs.of(
                Map.of(catalogName, properties),
                properties,
                new Access(
                        Set.of(catalogName),
                        Set.of(),
                        List.of(stored ? STORED_SPINES : data.spines().toString()),
                        stored
                                ? STORED_RESULTS
                                : data.folder().resolve("results").toString(),
                        Set.of(),
                        // DuckDB reads the files of a table on disk too, so they lie outside its warehouse
                        stored ? List.of() : List.of(data.folder().toString())),
                CatalogLimits.DEFAULTS.withMetadataBytes(metadataBytes),
                columns);
    }

    /// A view as the registry stores it.
    FeatureView view(Scenario scenario, Scenario.View view) {
        TableSpec spec = scenario.table();
        Table table = scenario.change() == null ? table(spec) : catalog.loadTable(changed(scenario));
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
                        .setCatalog(catalogName)
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
