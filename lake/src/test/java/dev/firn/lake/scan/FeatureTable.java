package dev.firn.lake.scan;

import dev.firn.lake.TableName;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import dev.firn.lake.storage.TableCaches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// An Iceberg table in a folder or a catalog, written by Iceberg's own generic writers.
final class FeatureTable {
    final Table table;
    private int files;

    private FeatureTable(Table table) {
        this.table = table;
    }

    static FeatureTable create(Path folder, Schema schema, PartitionSpec spec, int version, String... properties) {
        Map<String, String> all = new HashMap<>(properties(version));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        return new FeatureTable(new HadoopTables(new Configuration())
                .create(schema, spec, all, folder.resolve("table").toString()));
    }

    static FeatureTable create(Catalog catalog, TableName name, Schema schema, PartitionSpec spec, int version) {
        return new FeatureTable(catalog.createTable(
                TableIdentifier.of(name.schema(), name.table()), schema, spec, properties(version)));
    }

    /// Row groups and pages are so small that a table of a few hundred rows has many.
    private static Map<String, String> properties(int version) {
        return Map.of(
                "format-version", String.valueOf(version),
                "write.parquet.row-group-size-bytes", "20000",
                "write.parquet.page-row-limit", "50",
                "write.parquet.row-group-check-min-record-count", "50");
    }

    PinnedTable head() {
        table.refresh();
        return PinnedTables.head(table);
    }

    /// Like [#head], where what is read of the table's files besides rows is kept.
    PinnedTable head(TableCaches cache) {
        table.refresh();
        return PinnedTables.head((BaseTable) table, cache);
    }

    Record row(@Nullable Object... namesAndValues) {
        GenericRecord row = GenericRecord.create(table.schema());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.setField((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return row;
    }

    /// One data file per partition.
    List<DataFile> write(List<Record> rows) {
        PartitionSpec spec = table.spec();
        Map<PartitionKey, DataWriter<Record>> writers = new LinkedHashMap<>();
        PartitionKey key = new PartitionKey(spec, table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        for (Record row : rows) {
            key.partition(wrapper.wrap(row));
            DataWriter<Record> writer = writers.get(key);
            if (writer == null) {
                PartitionKey own = key.copy();
                writer = factory(null).newDataWriter(output("data"), spec, own);
                writers.put(own, writer);
            }
            writer.write(row);
        }
        List<DataFile> written = new ArrayList<>();
        for (DataWriter<Record> writer : writers.values()) {
            close(writer);
            written.add(writer.toDataFile());
        }
        return written;
    }

    List<DataFile> append(List<Record> rows) {
        List<DataFile> written = write(rows);
        var append = table.newAppend();
        written.forEach(append::appendFile);
        append.commit();
        return written;
    }

    void deleteEqual(int[] fieldIds, Iterable<Record> deletes, Schema deleteSchema) {
        commit(equalityDelete(fieldIds, deletes, deleteSchema, PartitionSpec.unpartitioned(), null));
    }

    DeleteFile equalityDelete(
            int[] fieldIds,
            Iterable<Record> deletes,
            Schema deleteSchema,
            PartitionSpec spec,
            @Nullable StructLike partition) {
        return equalityDelete(FileFormat.PARQUET, fieldIds, deletes, deleteSchema, spec, partition);
    }

    DeleteFile equalityDelete(
            FileFormat format,
            int[] fieldIds,
            Iterable<Record> deletes,
            Schema deleteSchema,
            PartitionSpec spec,
            @Nullable StructLike partition) {
        EqualityDeleteWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .dataFileFormat(FileFormat.PARQUET)
                .deleteFileFormat(format)
                .equalityFieldIds(fieldIds)
                .equalityDeleteRowSchema(deleteSchema)
                .build()
                .newEqualityDeleteWriter(output("eq"), spec, partition);
        deletes.forEach(writer::write);
        close(writer);
        return writer.toDeleteFile();
    }

    /// Writes a position delete file, or a deletion vector from version 3 on.
    void deletePositions(DataFile file, long... positions) {
        PartitionSpec spec = table.specs().get(file.specId());
        if (TableUtil.formatVersion(table) > 2) {
            commit(vector(file, positions));
            return;
        }
        PositionDeleteWriter<Record> writer =
                factory(null).newPositionDeleteWriter(output("pos"), spec, file.partition());
        PositionDelete<Record> delete = PositionDelete.create();
        for (long position : positions) {
            writer.write(delete.set(file.location(), position));
        }
        close(writer);
        commit(writer.toDeleteFile());
    }

    DeleteFile vector(DataFile file, long... positions) {
        PartitionSpec spec = table.specs().get(file.specId());
        OutputFileFactory out = OutputFileFactory.builderFor(table, 1, files++)
                .format(FileFormat.PUFFIN)
                .build();
        BaseDVFileWriter writer = new BaseDVFileWriter(out, path -> PositionDeleteIndex.empty());
        for (long position : positions) {
            writer.delete(file.location(), position, spec, file.partition());
        }
        close(writer);
        return writer.result().deleteFiles().getFirst();
    }

    /// Writes one position delete file that hides a row of each file.
    void deletePosition(List<DataFile> of, long position) {
        deletePosition(FileFormat.PARQUET, of, position);
    }

    void deletePosition(FileFormat format, List<DataFile> of, long position) {
        PositionDeleteWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .dataFileFormat(FileFormat.PARQUET)
                .deleteFileFormat(format)
                .dataSchema(table.schema())
                .build()
                .newPositionDeleteWriter(output("pos"), PartitionSpec.unpartitioned(), null);
        PositionDelete<Record> delete = PositionDelete.create();
        of.stream().map(DataFile::location).sorted().forEach(file -> writer.write(delete.set(file, position)));
        close(writer);
        commit(writer.toDeleteFile());
    }

    void commit(DeleteFile delete) {
        RowDelta delta = table.newRowDelta();
        delta.addDeletes(delete);
        delta.commit();
    }

    private GenericFileWriterFactory factory(@Nullable Schema schema) {
        return new GenericFileWriterFactory.Builder(table)
                .dataFileFormat(FileFormat.PARQUET)
                .deleteFileFormat(FileFormat.PARQUET)
                .dataSchema(schema == null ? table.schema() : schema)
                .build();
    }

    private EncryptedOutputFile output(String kind) {
        return EncryptedFiles.plainAsEncryptedOutput(
                table.io().newOutputFile("%s/data/%s-%05d.parquet".formatted(table.location(), kind, files++)));
    }

    private static void close(AutoCloseable writer) {
        try {
            writer.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// The rows that Iceberg's generic reader returns.
    List<Record> live() {
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            List<Record> rows = new ArrayList<>();
            for (Record record : records) {
                GenericRecord row = GenericRecord.create(table.schema());
                table.schema().columns().forEach(field -> row.setField(field.name(), record.getField(field.name())));
                rows.add(row);
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The data files of the current snapshot.
    List<DataFile> files() {
        return files(task -> true);
    }

    List<DataFile> filesWithoutPositionDeletes() {
        return files(
                task -> task.deletes().stream().allMatch(delete -> delete.content() == FileContent.EQUALITY_DELETES));
    }

    private List<DataFile> files(Predicate<FileScanTask> which) {
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            List<DataFile> found = new ArrayList<>();
            tasks.forEach(task -> {
                if (which.test(task)) {
                    found.add(task.file());
                }
            });
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The rows of Iceberg's generic reader, without any filter, as text.
    List<String> oracle(String timestamp) {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            for (Record record : records) {
                if (record.getField(timestamp) != null) {
                    List<String> row = new ArrayList<>();
                    for (NestedField field : table.schema().columns()) {
                        row.add(text(record.getField(field.name())));
                    }
                    rows.add(row.toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rows.sort(null);
        return rows;
    }

    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case byte[] bytes -> new BigInteger(1, bytes).toString(16);
            case ByteBuffer bytes -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield new BigInteger(1, copy).toString(16);
            }
            default -> value.toString();
        };
    }

    /// A random row of the current schema: keys repeat, and optional columns have nulls.
    Record random(Random random) {
        GenericRecord row = GenericRecord.create(table.schema());
        for (NestedField field : table.schema().columns()) {
            row.setField(
                    field.name(), field.isOptional() && random.nextInt(12) == 0 ? null : random(field.type(), random));
        }
        return row;
    }

    static Object random(Type type, Random random) {
        int few = random.nextInt(60);
        return switch (type) {
            case Types.BooleanType _ -> few % 2 == 0;
            case Types.IntegerType _ -> few - 10;
            case Types.LongType _ -> few % 20 == 0 ? Long.MIN_VALUE + few : few - 10L;
            case Types.FloatType _ -> few % 9 == 0 ? Float.NaN : few / 7f;
            case Types.DoubleType _ -> few % 9 == 0 ? -0.0 : few / 7d;
            case Types.StringType _ -> "ключ-" + "x".repeat(few % 20) + few;
            case Types.BinaryType _ ->
                ByteBuffer.wrap(BigInteger.valueOf(few * 1_234_567L).toByteArray());
            case Types.FixedType fixed -> {
                byte[] bytes = new byte[fixed.length()];
                new Random(few).nextBytes(bytes);
                yield bytes;
            }
            case Types.UUIDType _ -> new UUID(new Random(few).nextLong(), few);
            case Types.DecimalType decimal -> new BigDecimal(BigInteger.valueOf(few - 30L), decimal.scale());
            case Types.DateType _ -> LocalDate.ofEpochDay(few * 3L - 50);
            case Types.TimeType _ -> LocalTime.ofSecondOfDay(few * 100L);
            case Types.TimestampType at -> zoned(at.shouldAdjustToUTC(), instant(random));
            case Types.TimestampNanoType at ->
                zoned(at.shouldAdjustToUTC(), instant(random).plusNanos(random.nextInt(1_000)));
            case Types.ListType list -> {
                List<Object> values = new ArrayList<>();
                for (int i = 0; i < few % 4; i++) {
                    values.add(random(list.elementType(), random));
                }
                yield values;
            }
            case Types.MapType map -> {
                Map<Object, Object> values = new LinkedHashMap<>();
                values.put(random(map.keyType(), random), random(map.valueType(), random));
                yield values;
            }
            case Types.StructType struct -> {
                GenericRecord record = GenericRecord.create(struct);
                for (NestedField field : struct.fields()) {
                    record.setField(field.name(), random(field.type(), random));
                }
                yield record;
            }
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    private static LocalDateTime instant(Random random) {
        return LocalDateTime.ofEpochSecond(
                random.nextInt(200) * 7_200L - 400_000, random.nextInt(1_000_000) * 1_000, ZoneOffset.UTC);
    }

    private static Object zoned(boolean withZone, LocalDateTime at) {
        return withZone ? at.atOffset(ZoneOffset.UTC) : at;
    }
}
