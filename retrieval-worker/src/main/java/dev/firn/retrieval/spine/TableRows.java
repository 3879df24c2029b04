package dev.firn.retrieval.spine;

import dev.firn.engine.ColumnBuilder;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericDeleteFilter;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// The rows of an Iceberg table at its pin, by (data sequence number, path without scheme, position), deletes
/// applied.
///
/// Reads whole files in order with Iceberg's own reader: a spine is passed through as it is, so there is
/// nothing to skip.
final class TableRows implements SpineRows {
    private static final int CHUNK_ROWS = 16_384;

    private final PinnedTable table;
    private final Schema schema;
    private final NameMapping mapping;
    private @Nullable Iterator<FileScanTask> files;
    private @Nullable CloseableIterator<Record> records;

    TableRows(PinnedTable table, List<String> keep) {
        this.table = table;
        this.schema = ParquetRows.kept(table.schema(), keep, table.pin().table().toString());
        String json = table.iceberg().properties().get(TableProperties.DEFAULT_NAME_MAPPING);
        this.mapping = json == null ? NameMapping.empty() : NameMappingParser.fromJson(json);
    }

    @Override
    public Schema schema() {
        return schema;
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
            throw LakeFaults.whileReading(table.pin().table(), snapshot, e);
        }
    }

    private Optional<RowChunk> read(long snapshot) {
        if (files == null) {
            files = ordered(snapshot);
        }
        List<ColumnBuilder> builders = new ArrayList<>();
        List<NestedField> columns = schema.columns();
        columns.forEach(field -> builders.add(Columns.builder(field.type(), CHUNK_ROWS)));
        int rows = 0;
        while (rows < CHUNK_ROWS) {
            if (records == null) {
                if (!files.hasNext()) {
                    break;
                }
                records = open(files.next()).iterator();
            }
            if (!records.hasNext()) {
                close();
                continue;
            }
            Record row = records.next();
            for (int i = 0; i < columns.size(); i++) {
                RecordValues.append(builders.get(i), columns.get(i).type(), row.get(i));
            }
            rows++;
        }
        return rows == 0
                ? Optional.empty()
                : Optional.of(
                        new RowChunk(builders.stream().map(ColumnBuilder::build).toList(), rows));
    }

    private Iterator<FileScanTask> ordered(long snapshot) {
        List<FileScanTask> tasks = new ArrayList<>();
        try (CloseableIterable<FileScanTask> planned =
                table.iceberg().newScan().useSnapshot(snapshot).planFiles()) {
            planned.forEach(tasks::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tasks.sort(Comparator.comparing((FileScanTask task) -> sequence(task))
                .thenComparing(task -> withoutScheme(task.file().location())));
        return tasks.iterator();
    }

    private static long sequence(FileScanTask task) {
        Long sequence = task.file().dataSequenceNumber();
        return sequence == null ? 0 : sequence;
    }

    private static String withoutScheme(String location) {
        int colon = location.indexOf("://");
        return colon < 0 ? location : location.substring(colon + 3);
    }

    private CloseableIterable<Record> open(FileScanTask task) {
        if (task.file().format() != FileFormat.PARQUET) {
            throw unsupported(task, "is " + task.file().format() + ", not Parquet");
        }
        GenericDeleteFilter deletes = new GenericDeleteFilter(table.io(), task, table.schema(), schema);
        Schema needed = deletes.requiredSchema();
        Map<Integer, ?> constants = PartitionUtil.constantsMap(task, IdentityPartitionConverters::convertConstant);
        CloseableIterable<Record> rows = Parquet.read(table.io().newInputFile(task.file()))
                .project(needed)
                .withNameMapping(mapping)
                .createReaderFunc(file -> reader(task, needed, file, constants))
                .build();
        return deletes.filter(rows);
    }

    /// Without field ids and without a mapping Iceberg would take columns by position, which is wrong after any
    /// change of the schema.
    private ParquetValueReader<Record> reader(
            FileScanTask task, Schema needed, MessageType file, Map<Integer, ?> constants) {
        if (file.getFieldCount() > 0 && file.getFields().stream().allMatch(field -> field.getId() == null)) {
            throw unsupported(task, "has no field ids, and the table no name mapping");
        }
        return GenericParquetReaders.buildReader(needed, file, constants);
    }

    private LakeRejection unsupported(FileScanTask task, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE,
                "[%s] %s %s".formatted(table.pin().table(), task.file().location(), why));
    }

    @Override
    public void close() {
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
