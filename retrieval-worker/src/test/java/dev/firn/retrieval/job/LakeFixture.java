package dev.firn.retrieval.job;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.ResolvedColumn;
import dev.firn.events.ResolvedSource;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.ViewStatus;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Real Iceberg tables in a folder, a JDBC catalog over SQLite, and retrievals over them without a broker.
public final class LakeFixture implements AutoCloseable {
    public static final String SCHEMA = "gold";

    static {
        Given.trustEvents();
    }

    private final Map<String, String> properties;
    private final String schemaName;
    private final String results;
    private final String spines;
    private final JdbcCatalog writer = new JdbcCatalog();
    private final Catalogs catalogs;
    private final Map<String, FeatureView> views = new HashMap<>();
    private long budgetBytes = 256L << 20;
    private int rowsPerFile = 1_000_000;
    private int attempts;

    /// In a folder of this machine.
    public LakeFixture(Path folder) {
        this(
                inFolder(folder),
                SCHEMA,
                folder.resolve("results").toString(),
                folder.resolve("spines").toString());
    }

    /// On the store of a stack, in a schema of its own.
    public static LakeFixture onS3(Map<String, String> catalog, String schema) {
        return new LakeFixture(catalog, schema, "s3://lake/results", "s3://lake/spines/" + schema);
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

    private LakeFixture(Map<String, String> properties, String schemaName, String results, String spines) {
        this.properties = Map.copyOf(properties);
        this.schemaName = schemaName;
        this.results = results;
        this.spines = spines;
        writer.setConf(new Configuration());
        writer.initialize("iceberg", properties);
        writer.createNamespace(Namespace.of(schemaName));
        catalogs = catalogs(Set.of());
    }

    private Catalogs catalogs(Set<String> retaining) {
        return Catalogs.of(
                Map.of("iceberg", properties),
                properties,
                new Access(Set.of("iceberg"), Set.of(), List.of(spines), results, retaining));
    }

    /// The same catalogs for somebody who may keep snapshots in them.
    Catalogs retainingCatalogs() {
        return catalogs(Set.of("iceberg"));
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

    public LakeFixture withBudget(long bytes) {
        budgetBytes = bytes;
        return this;
    }

    public LakeFixture withRowsPerFile(int rows) {
        rowsPerFile = rows;
        return this;
    }

    // tables

    /// `"id long, event timestamptz, value int"`: field ids from 1 in order.
    public static Schema schema(String columns) {
        List<NestedField> fields = new ArrayList<>();
        int depth = 0;
        StringBuilder part = new StringBuilder();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columns.length(); i++) {
            char c = columns.charAt(i);
            depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(part.toString().strip());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString().strip());
        for (String text : parts) {
            int space = text.indexOf(' ');
            fields.add(NestedField.optional(
                    fields.size() + 1,
                    text.substring(0, space),
                    Types.fromPrimitiveString(text.substring(space + 1).strip())));
        }
        return new Schema(fields);
    }

    public Table table(String name, String columns) {
        return table(name, schema(columns), PartitionSpec.unpartitioned(), 2);
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

    /// Appends one data file. Cells are texts, parsed by column; `null` is null.
    public DataFile append(Table table, String... rows) {
        List<Record> records =
                Arrays.stream(rows).map(row -> record(table.schema(), row)).toList();
        DataFile file = write(table, records);
        table.newAppend().appendFile(file).commit();
        return file;
    }

    public static Record record(Schema schema, String row) {
        String[] cells = row.split("\\|", -1);
        Record record = GenericRecord.create(schema);
        for (int i = 0; i < cells.length; i++) {
            record.set(i, value(schema.columns().get(i).type(), cells[i].strip()));
        }
        return record;
    }

    /// A data file that no snapshot lists yet; all records are of one partition.
    public DataFile write(Table table, List<Record> records) {
        PartitionKey partition = partition(table, records);
        OutputFile out = table.io().newOutputFile(dataPath(table));
        try {
            DataWriter<Record> data = Parquet.writeData(out)
                    .setAll(table.properties())
                    .schema(table.schema())
                    .createWriterFunc(GenericParquetWriter::create)
                    .withSpec(table.spec())
                    .withPartition(partition)
                    .overwrite()
                    .build();
            try (data) {
                records.forEach(data::write);
            }
            return data.toDataFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable PartitionKey partition(Table table, List<Record> records) {
        if (table.spec().isUnpartitioned() || records.isEmpty()) {
            return null;
        }
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        key.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(records.getFirst()));
        return key;
    }

    private static String dataPath(Table table) {
        return table.location() + "/data/" + UUID.randomUUID() + ".parquet";
    }

    /// Deletes rows of a file by their positions.
    public void deletePositions(Table table, DataFile file, long... positions) {
        try {
            PositionDeleteWriter<Record> deletes = Parquet.writeDeletes(
                            table.io().newOutputFile(dataPath(table)))
                    .withSpec(table.spec())
                    .withPartition(file.partition())
                    .overwrite()
                    .buildPositionWriter();
            try (deletes) {
                for (long position : positions) {
                    PositionDelete<Record> delete = PositionDelete.create();
                    deletes.write(delete.set(file.location(), position));
                }
            }
            table.newRowDelta().addDeletes(deletes.toDeleteFile()).commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Deletes rows of a file of a version 3 table by their positions.
    public void deleteByVector(Table table, DataFile file, long... positions) {
        OutputFileFactory out = OutputFileFactory.builderFor(table, 1, 1)
                .format(FileFormat.PUFFIN)
                .build();
        try {
            DVFileWriter vectors = new BaseDVFileWriter(out, path -> PositionDeleteIndex.empty());
            try (vectors) {
                for (long position : positions) {
                    vectors.delete(file.location(), position, table.spec(), file.partition());
                }
            }
            table.newRowDelta()
                    .addDeletes(vectors.result().deleteFiles().getFirst())
                    .commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Deletes rows whose column has the value.
    public void deleteEqual(Table table, String column, String value) {
        Schema schema = table.schema().select(column);
        Record row = GenericRecord.create(schema);
        row.set(0, value(schema.columns().getFirst().type(), value));
        try {
            EqualityDeleteWriter<Record> deletes = Parquet.writeDeletes(
                            table.io().newOutputFile(dataPath(table)))
                    .forTable(table)
                    .rowSchema(schema)
                    .equalityFieldIds(schema.columns().getFirst().fieldId())
                    .createWriterFunc(GenericParquetWriter::create)
                    .overwrite()
                    .buildEqualityWriter();
            try (deletes) {
                deletes.write(row);
            }
            DeleteFile file = deletes.toDeleteFile();
            table.newRowDelta().addDeletes(file).commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static @Nullable Object value(Type type, String text) {
        if (text.equals("null")) {
            return null;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> Boolean.valueOf(text);
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case DATE -> LocalDate.parse(text);
            case TIME -> LocalTime.parse(text);
            case TIMESTAMP ->
                ((Types.TimestampType) type).shouldAdjustToUTC() ? instant(text) : LocalDateTime.parse(text);
            case TIMESTAMP_NANO ->
                ((Types.TimestampNanoType) type).shouldAdjustToUTC() ? instant(text) : LocalDateTime.parse(text);
            case STRING -> text;
            case UUID -> UUID.fromString(text);
            case DECIMAL -> new java.math.BigDecimal(text);
            case BINARY -> ByteBuffer.wrap(HexFormat.of().parseHex(text));
            case FIXED -> HexFormat.of().parseHex(text);
            default -> throw new IllegalArgumentException("no text for " + type);
        };
    }

    private static OffsetDateTime instant(String text) {
        return text.length() == 10 ? OffsetDateTime.parse(text + "T00:00:00Z") : OffsetDateTime.parse(text);
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
                .setTimestamp(resolved(schema, "event", false))
                .setCreatedTimestamp(schema.findField("created") == null ? null : resolved(schema, "created", false))
                .build();
        return FeatureView.newBuilder()
                .setName(view)
                .setVersion(1)
                .setStatus(ViewStatus.ACTIVE)
                .setEntities(
                        keys.stream().map(key -> resolved(schema, key, false)).toList())
                .setFeatures(features.stream()
                        .map(feature -> resolved(schema, feature, true))
                        .toList())
                .setSource(source)
                .setRequestId("registration")
                .setDefinitionDigest("")
                .setCreatedAt(Given.NOW)
                .setUpdatedAt(Given.NOW);
    }

    private static ResolvedColumn resolved(Schema schema, String name, boolean feature) {
        NestedField field = schema.findField(name);
        return ResolvedColumn.newBuilder()
                .setName(name)
                .setColumn(name)
                .setFieldId(field.fieldId())
                .setType(field.type().toString())
                .setDtype(
                        feature
                                ? dev.firn.lake.catalog.Dtype.of(field.type())
                                        .orElseThrow()
                                        .toString()
                                : "")
                .build();
    }

    public LakeFixture register(FeatureView.Builder view) {
        views.put(view.getName(), view.build());
        return this;
    }

    public Views views() {
        return Views.of(views);
    }

    // spines

    /// Puts a file where spines may lie; returns its location.
    public String spineFile(String name, String text) {
        return spineFile(name, text.getBytes(StandardCharsets.UTF_8));
    }

    public String spineFile(String name, byte[] content) {
        try {
            Path file = Path.of(spines()).resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
            return file.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Puts Parquet where spines may lie; returns its location.
    public String spineParquet(String name, Schema schema, String... rows) {
        try {
            Path file = Path.of(spines()).resolve(name);
            Files.createDirectories(file.getParent());
            DataWriter<Record> data = Parquet.writeData(org.apache.iceberg.Files.localOutput(file.toFile()))
                    .schema(schema)
                    .createWriterFunc(GenericParquetWriter::create)
                    .withSpec(PartitionSpec.unpartitioned())
                    .overwrite()
                    .build();
            try (data) {
                for (String row : rows) {
                    data.write(record(schema, row));
                }
            }
            return file.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // retrievals

    public ResultTable retrieve(RetrievalRequest.Builder request) {
        return retrieve(request, new Cancellation(), Progress.NONE);
    }

    public ResultTable retrieve(RetrievalRequest.Builder request, Cancellation cancellation, Progress progress) {
        Retrieval retrieval = new Retrieval(
                catalogs,
                new MemoryBudget(budgetBytes),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000_000L), rowsPerFile, new ScanSettings(2, 1_024)));
        Completed completed = retrieval.run(new Retrieval.Task(
                request.build(), Given.NOW, views(), null, results() + "/test/" + ++attempts, cancellation, progress));
        return ResultTable.read(completed);
    }

    /// A file that is no data file of the table, beside its data.
    public void orphan(Table table, String... rows) {
        List<Record> records =
                Arrays.stream(rows).map(row -> record(table.schema(), row)).toList();
        DataFile file = write(table, records);
        DataFiles.builder(table.spec())
                .withPath(file.location())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(file.fileSizeInBytes())
                .withRecordCount(file.recordCount())
                .build();
    }

    @Override
    public void close() {
        catalogs.close();
        writer.close();
    }

    // files on the store, through the catalog's own access

    /// Writes a file anywhere.
    public void put(String location, byte[] content) {
        try (FileIO io = io();
                var out = io.newOutputFile(location).createOrOverwrite()) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void copy(String from, String to) {
        try (FileIO io = io();
                var in = io.newInputFile(from).newStream()) {
            put(to, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Rows of a Parquet file as text, cells joined by a blank.
    public List<String> read(String location) {
        try (FileIO io = io();
                var in = io.newInputFile(location).newStream()) {
            Path copy = Files.createTempFile("result-", ".parquet");
            Files.write(copy, in.readAllBytes());
            try {
                return ResultTable.readFile(copy.toString());
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileIO io() {
        return CatalogUtil.loadFileIO(properties.getOrDefault("io-impl", ""), properties, new Configuration());
    }
}
