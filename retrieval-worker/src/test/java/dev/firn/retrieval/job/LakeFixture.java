package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.CatalogLimits;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.Dtype;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.testkit.CacheFate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Real Iceberg tables in a folder, a JDBC catalog over SQLite, and retrievals over them without a broker.
public final class LakeFixture implements AutoCloseable {
    public static final String SCHEMA = "gold";

    /// The columns of the tables that most tests read.
    static final String FACTS = "id long, event timestamptz, value int";

    static {
        Given.trustEvents();
    }

    private final Map<String, String> properties;
    private final String schemaName;
    private final String results;
    private final String spines;
    private final long metadataBytes;
    private final @Nullable CachedColumns columns;
    private final JdbcCatalog writer = new JdbcCatalog();
    private final Catalogs catalogs;
    private final Map<String, FeatureView> views = new HashMap<>();
    private long budgetBytes = 256L << 20;
    private int rowsPerFile = 1_000_000;
    private int attempts;

    /// In a folder of this machine.
    public LakeFixture(Path folder) {
        this(folder, 0);
    }

    /// Like [#LakeFixture(Path)], with memory to keep metadata of tables.
    LakeFixture(Path folder, long metadataBytes) {
        this(folder, metadataBytes, CachedColumns.ofProperty(folder));
    }

    /// Like [#LakeFixture(Path)], where columns are kept too and fare as the fate says. Each retrieval then runs three
    /// times, the last time after that happened, and must return the same.
    LakeFixture(Path folder, long metadataBytes, CacheFate fate) {
        this(folder, metadataBytes, new CachedColumns(folder, fate));
    }

    private LakeFixture(Path folder, long metadataBytes, @Nullable CachedColumns columns) {
        this(
                inFolder(folder),
                SCHEMA,
                folder.resolve("results").toString(),
                folder.resolve("spines").toString(),
                metadataBytes,
                columns);
    }

    /// On a stack's store, in a schema of its own.
    public static LakeFixture onS3(Map<String, String> catalog, String schema) {
        return new LakeFixture(catalog, schema, "s3://lake/results", "s3://lake/spines/" + schema, 0, null);
    }

    private static Map<String, String> inFolder(Path folder) {
        return Map.of(
                "type", "jdbc",
                "uri",
                        "jdbc:sqlite:" + folder.resolve("catalog.db")
                                + "?journal_mode=WAL&busy_timeout=5000&synchronous=OFF",
                "warehouse", folder.resolve("warehouse").toUri().toString(),
                "jdbc.schema-version", "V1",
                "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO",
                "client.region", "us-east-1");
    }

    private LakeFixture(
            Map<String, String> properties,
            String schemaName,
            String results,
            String spines,
            long metadataBytes,
            @Nullable CachedColumns columns) {
        this.columns = columns;
        this.properties = Map.copyOf(properties);
        this.schemaName = schemaName;
        this.results = results;
        this.spines = spines;
        this.metadataBytes = metadataBytes;
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of(schemaName));
        catalogs = catalogs(Set.of(), columns == null ? null : columns.cache());
    }

    private Catalogs catalogs(Set<String> retaining, @Nullable ColumnCache kept) {
        return Catalogs.of(
                Map.of("iceberg", properties),
                properties,
                new Access(Set.of("iceberg"), Set.of(), List.of(spines), results, retaining),
                CatalogLimits.DEFAULTS.withMetadataBytes(metadataBytes),
                kept);
    }

    /// The same catalogs, where requests may keep snapshots.
    Catalogs retainingCatalogs() {
        return catalogs(Set.of("iceberg"), null);
    }

    /// The same catalogs, where results may be written as tables of the schema `features`.
    public Catalogs writingCatalogs() {
        if (!writer.namespaceExists(Namespace.of("features"))) {
            writer.createNamespace(Namespace.of("features"));
        }
        return Catalogs.of(
                Map.of("iceberg", properties),
                properties,
                new Access(Set.of("iceberg"), Set.of(), List.of(spines), results)
                        .withTargetSchemas(Set.of("iceberg.features", "iceberg." + schemaName)),
                CatalogLimits.DEFAULTS);
    }

    /// The writer's own catalog.
    public Catalog writer() {
        return writer;
    }

    public Catalogs catalogs() {
        return catalogs;
    }

    public String results() {
        return results;
    }

    public String spines() {
        return spines;
    }

    /// The files of this lake, on its store.
    public StoreFiles files() {
        return new StoreFiles(properties);
    }

    public LakeFixture withBudget(long bytes) {
        budgetBytes = bytes;
        return this;
    }

    public LakeFixture withRowsPerFile(int rows) {
        rowsPerFile = rows;
        return this;
    }

    // tables

    public Table table(String name, String columns) {
        return table(name, TableText.schema(columns), PartitionSpec.unpartitioned(), 2);
    }

    public Table table(String name, Schema schema, PartitionSpec spec, int formatVersion) {
        return table(name, schema, spec, Map.of("format-version", Integer.toString(formatVersion)));
    }

    public Table table(String name, Schema schema, PartitionSpec spec, Map<String, String> tableProperties) {
        return writer.createTable(id(name), schema, spec, tableProperties);
    }

    public void drop(String name) {
        writer.dropTable(id(name), false);
    }

    private TableIdentifier id(String name) {
        return TableIdentifier.of(schemaName, name);
    }

    /// A table of [#FACTS] with these rows, and the view of it.
    Table facts(String name, String... rows) {
        Table facts = table(name, FACTS);
        append(facts, rows);
        register(view(facts, List.of("id"), List.of("value")));
        return facts;
    }

    /// Appends one data file of rows as [TableText#record] reads them.
    public DataFile append(Table table, String... rows) {
        DataFile file = TableFiles.write(table, rows);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    // views

    /// A view over the table of the same name: keys and features by column, `event` and perhaps `created`.
    public FeatureView.Builder view(Table table, List<String> keys, List<String> features) {
        String name = table.name().substring(table.name().lastIndexOf('.') + 1);
        return viewOf(name, table, keys, features);
    }

    public FeatureView.Builder viewOf(String view, Table table, List<String> keys, List<String> features) {
        String tableName = table.name().substring(table.name().lastIndexOf('.') + 1);
        Schema schema = table.schema();
        ResolvedSource source = ResolvedSource.newBuilder()
                .setCatalog("iceberg")
                .setSchema$(schemaName)
                .setTableName(tableName)
                .setTableUuid(table.uuid().toString())
                .setSchemaId(schema.schemaId())
                .setMetadataLocation(((BaseTable) table).operations().current().metadataFileLocation())
                .setLocation(table.location())
                .setDataPath("")
                .setTimestamp(untyped(schema, "event"))
                .setCreatedTimestamp(schema.findField("created") == null ? null : untyped(schema, "created"))
                .build();
        return FeatureView.newBuilder()
                .setName(view)
                .setVersion(1)
                .setStatus(ViewStatus.ACTIVE)
                .setEntities(keys.stream().map(key -> untyped(schema, key)).toList())
                .setFeatures(features.stream()
                        .map(feature -> feature(schema, feature))
                        .toList())
                .setSource(source)
                .setRequestId("registration")
                .setDefinitionDigest("")
                .setCreatedAt(Given.NOW)
                .setUpdatedAt(Given.NOW);
    }

    private static ResolvedColumn untyped(Schema schema, String name) {
        return resolved(schema.findField(name), "");
    }

    private static ResolvedColumn feature(Schema schema, String name) {
        NestedField field = schema.findField(name);
        return resolved(field, Dtype.of(field.type()).orElseThrow().toString());
    }

    private static ResolvedColumn resolved(NestedField field, String dtype) {
        return Given.column(
                field.name(), field.name(), field.fieldId(), field.type().toString(), dtype);
    }

    public LakeFixture register(FeatureView.Builder view) {
        views.put(view.getName(), view.build());
        return this;
    }

    public Views views() {
        return Views.of(views);
    }

    // spines

    /// Writes a file below the spines' prefix; returns its location.
    public String spineFile(String name, String text) {
        return spineFile(name, text.getBytes(StandardCharsets.UTF_8));
    }

    public String spineFile(String name, byte[] content) {
        try {
            return Files.write(spine(name), content).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Writes Parquet below the spines' prefix; returns its location.
    public String spineParquet(String name, Schema schema, String... rows) {
        Path file = spine(name);
        TableFiles.writeParquet(org.apache.iceberg.Files.localOutput(file.toFile()), schema, rows);
        return file.toString();
    }

    private Path spine(String name) {
        try {
            Path file = Path.of(spines).resolve(name);
            Files.createDirectories(file.getParent());
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // retrievals

    public ResultTable retrieve(RetrievalRequest.Builder request) {
        return retrieve(request, new Cancellation(), Progress.NONE);
    }

    public ResultTable retrieve(RetrievalRequest.Builder request, Cancellation cancellation, Progress progress) {
        return retrieve(request, new MemoryBudget(budgetBytes), Duration.ofMinutes(10), cancellation, progress);
    }

    /// Uses a budget that other jobs share, and waits a limited time for it.
    ResultTable retrieve(RetrievalRequest.Builder request, MemoryBudget budget, Duration memoryWait) {
        return retrieve(request, budget, memoryWait, new Cancellation(), Progress.NONE);
    }

    ResultTable retrieve(
            RetrievalRequest.Builder request,
            MemoryBudget budget,
            Duration memoryWait,
            Cancellation cancellation,
            Progress progress) {
        Retrieval retrieval = new Retrieval(
                catalogs,
                budget,
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000_000L),
                        rowsPerFile,
                        new ScanSettings(2, 1_024),
                        memoryWait));
        Completed first = run(retrieval, request, cancellation, progress);
        if (columns == null) {
            return ResultTable.read(first);
        }
        run(retrieval, request, cancellation, progress);
        strikeColumns();
        Completed third = run(retrieval, request, cancellation, progress);
        assertThat(third.digest()).as(columns.toString()).isEqualTo(first.digest());
        return ResultTable.read(third);
    }

    /// Writes the columns that were used twice, and lets their fate happen to them. Does nothing without a cache.
    void strikeColumns() {
        if (columns != null) {
            columns.strike();
        }
    }

    private Completed run(
            Retrieval retrieval, RetrievalRequest.Builder request, Cancellation cancellation, Progress progress) {
        return retrieval.run(new Retrieval.Task(
                request.build(), Given.NOW, views(), null, results() + "/test/" + ++attempts, cancellation, progress));
    }

    /// The values of a feature, `view:feature`, for spine rows with an id and a time.
    List<String> values(String feature, String... idsAndTimes) {
        return retrieve(Given.request(Given.idsAndTimes(idsAndTimes), feature))
                .column(feature.substring(feature.indexOf(':') + 1));
    }

    /// What the request is rejected for.
    List<Violation> violations(RetrievalRequest.Builder request) {
        return catchThrowableOfType(RetrievalRejected.class, () -> retrieve(request))
                .violations();
    }

    /// The codes of what the request is rejected for, each once.
    List<String> codes(RetrievalRequest.Builder request) {
        return violations(request).stream().map(Violation::getCode).distinct().toList();
    }

    @Override
    public void close() {
        catalogs.close();
        writer.close();
    }
}
