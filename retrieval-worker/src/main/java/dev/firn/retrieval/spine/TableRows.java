package dev.firn.retrieval.spine;

import dev.firn.engine.ColumnBuilder;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Reason;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.ColumnRole;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.FileRecords;
import dev.firn.lake.parquet.UnreadableColumnException;
import dev.firn.lake.scan.CheckedDeleteLoader;
import dev.firn.lake.scan.WholeTable;
import dev.firn.schemas.Code;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.data.GenericDeleteFilter;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// The rows of an Iceberg table at its pin, ordered by (data sequence number, path without scheme, position), with
/// deletes applied.
///
/// Reads whole files with Iceberg's own reader: a spine passes through unchanged, so there is nothing to skip.
final class TableRows implements SpineRows {
    /// A chunk also ends after about this many bytes.
    private static final long CHUNK_BYTES = 16L << 20;

    private final PinnedTable table;
    private final Schema schema;
    private final NameMapping mapping;
    private final WholeTable.Reading reading;
    private final @Nullable NestedField localTimes;
    private WholeTable.@Nullable Files planned;
    private @Nullable Iterator<FileScanTask> files;
    private @Nullable FileScanTask file;
    private @Nullable CloseableIterator<Record> records;

    TableRows(PinnedTable table, List<String> keep, WholeTable.Reading reading, @Nullable String localTimes) {
        this.table = table;
        this.reading = reading;
        this.schema = ParquetRows.kept(
                table.schema(), names(), keep, table.pin().table().toString());
        schema.columns().forEach(this::requireHeldByResults);
        String json = table.iceberg().properties().get(TableProperties.DEFAULT_NAME_MAPPING);
        this.localTimes = localTimes == null ? null : ParquetRows.topLevel(schema, localTimes);
        this.mapping = json == null ? NameMapping.empty() : NameMappingParser.fromJson(json);
    }

    /// Parquet has no columns of some types, and Firn reads no values of others.
    private void requireHeldByResults(NestedField column) {
        if (!ColumnRole.FEATURE.accepts(column.type())) {
            throw new SpineFault(
                    Code.SPINE_COLUMN_TYPE,
                    "spine.columns",
                    "[%s] column '%s' has a type that a result cannot hold (%s); name the columns to keep in 'columns', without it."
                            .formatted(table.pin().table(), column.name(), column.type()));
        }
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public List<String> names() {
        return table.schema().columns().stream().map(NestedField::name).toList();
    }

    @Override
    public Optional<RowChunk> next() {
        Long snapshot = table.pin().snapshotId();
        if (snapshot == null) {
            return Optional.empty();
        }
        try {
            return read(snapshot);
        } catch (LakeException | SpineFault e) {
            throw e;
        } catch (RuntimeException e) {
            throw translated(snapshot, e);
        }
    }

    /// Distinguishes what another try cannot change from a store that does not answer.
    private RuntimeException translated(long snapshot, RuntimeException fault) {
        TableName name = table.pin().table();
        if (fault instanceof IllegalArgumentException
                || fault instanceof ValidationException
                || fault instanceof UnreadableColumnException) {
            return rejection(LakeCode.UNSUPPORTED_TABLE, fault);
        }
        return LakeFaults.whileReading(
                name, snapshot, name + (file == null ? "" : " " + file.file().location()), fault);
    }

    private LakeRejection rejection(LakeCode code, RuntimeException fault) {
        String at = file == null ? "" : " " + file.file().location();
        return new LakeRejection(code, "[%s]%s %s".formatted(table.pin().table(), at, Reason.of(fault)), null, fault);
    }

    private Optional<RowChunk> read(long snapshot) {
        if (files == null) {
            planned = WholeTable.files(table, snapshot, reading);
            files = planned.tasks().iterator();
        }
        List<ColumnBuilder> builders = new ArrayList<>();
        List<NestedField> columns = schema.columns();
        columns.forEach(field -> builders.add(Columns.builder(field.type(), Columns.FIRST_ROWS)));
        int most = Columns.chunkRows(columns.size());
        int rows = 0;
        long bytes = 0;
        while (rows < most && bytes < CHUNK_BYTES) {
            if (records == null) {
                if (!files.hasNext()) {
                    break;
                }
                file = files.next();
                records = open(file).iterator();
            }
            if (!records.hasNext()) {
                closeFile();
                continue;
            }
            Record row = records.next();
            for (int i = 0; i < columns.size(); i++) {
                Object value = row.get(i);
                RecordValues.append(builders.get(i), columns.get(i), value);
                bytes += NestedBytes.of(value);
            }
            rows++;
        }
        return rows == 0 ? Optional.empty() : Optional.of(new RowChunk(Columns.built(builders, rows), rows));
    }

    private CloseableIterable<Record> open(FileScanTask task) {
        GenericDeleteFilter deletes =
                new GenericDeleteFilter(table.io(), task, WholeTable.schemaFor(table, task), schema) {
                    @Override
                    protected DeleteLoader newDeleteLoader() {
                        return new CheckedDeleteLoader(table, reading.cancelled());
                    }
                };
        Schema needed = deletes.requiredSchema();
        Map<Integer, ?> constants = constants(task, needed);
        FileRecords rows = FileRecords.open(
                table.io().newInputFile(task.file()),
                needed,
                mapping,
                schema -> reader(task, needed, schema, constants));
        return deletes.filter(CloseableIterable.combine(() -> rows, rows));
    }

    /// The values of identity partitions. They have the types of the table's current schema: a column that was widened
    /// since the snapshot gets them in its own type.
    private static Map<Integer, ?> constants(FileScanTask task, Schema needed) {
        Map<Integer, @Nullable Object> constants =
                new HashMap<>(PartitionUtil.constantsMap(task, IdentityPartitionConverters::convertConstant));
        for (NestedField field : needed.columns()) {
            constants.computeIfPresent(
                    field.fieldId(), (_, value) -> switch (field.type().typeId()) {
                        case INTEGER -> ((Number) value).intValue();
                        case FLOAT -> ((Number) value).floatValue();
                        default -> value;
                    });
        }
        return constants;
    }

    /// Without field ids and a name mapping, Iceberg would match columns by position. That is wrong after any change of
    /// the schema.
    private ParquetValueReader<Record> reader(
            FileScanTask task, Schema needed, MessageType file, Map<Integer, ?> constants) {
        if (file.getFieldCount() > 0 && file.getFields().stream().allMatch(field -> field.getId() == null)) {
            throw unsupported(task, "has no field ids, and the table has no name mapping");
        }
        requireLocalTimes(task, file);
        return GenericParquetReaders.buildReader(needed, file, constants);
    }

    /// A column without a zone may be an INT96 in the file. Those are instants in UTC, whatever the spine's zone: this
    /// file's times are not local.
    private void requireLocalTimes(FileScanTask task, MessageType file) {
        NestedField times = localTimes;
        if (times == null
                || !(times.type() instanceof Types.TimestampType timestamp)
                || timestamp.shouldAdjustToUTC()) {
            return;
        }
        for (Type field : file.getFields()) {
            if (field.isPrimitive()
                    && field.getId() != null
                    && field.getId().intValue() == times.fieldId()
                    && field.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
                throw unsupported(
                        task,
                        "stores column '%s' as INT96, whose times are UTC, but the spine has a timestamp_zone; leave that out, or rewrite the file"
                                .formatted(times.name()));
            }
        }
    }

    private LakeRejection unsupported(FileScanTask task, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE,
                "[%s] %s %s".formatted(table.pin().table(), task.file().location(), why));
    }

    @Override
    public void close() {
        closeFile();
        if (planned != null) {
            planned.close();
        }
    }

    private void closeFile() {
        if (records != null) {
            try {
                records.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            records = null;
        }
    }
}
