package dev.firn.retrieval.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
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
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/// Writes data files and every kind of deletes for Iceberg tables.
public final class TableFiles {
    private TableFiles() {}

    /// Writes a data file that no snapshot lists yet.
    static DataFile write(Table table, String... rows) {
        return write(
                table,
                Arrays.stream(rows)
                        .map(row -> TableText.record(table.schema(), row))
                        .toList());
    }

    /// Writes a data file that no snapshot lists yet. All records must be of one partition.
    public static DataFile write(Table table, List<Record> records) {
        PartitionKey partition = partition(table, records);
        try {
            DataWriter<Record> data = Parquet.writeData(newDataFile(table))
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

    /// Writes a file that belongs to no table, with rows as [TableText#record] reads them.
    static void writeParquet(OutputFile out, Schema schema, String... rows) {
        try {
            DataWriter<Record> data = Parquet.writeData(out)
                    .schema(schema)
                    .createWriterFunc(GenericParquetWriter::create)
                    .withSpec(PartitionSpec.unpartitioned())
                    .overwrite()
                    .build();
            try (data) {
                for (String row : rows) {
                    data.write(TableText.record(schema, row));
                }
            }
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

    /// Deletes rows of a file by their positions.
    static void deletePositions(Table table, DataFile file, long... positions) {
        deletePositions(table, file, file.location(), positions);
    }

    /// @param location of the file, as the delete file spells it
    static void deletePositions(Table table, DataFile file, String location, long... positions) {
        try {
            PositionDeleteWriter<Record> deletes = Parquet.writeDeletes(newDataFile(table))
                    .withSpec(table.spec())
                    .withPartition(file.partition())
                    .overwrite()
                    .buildPositionWriter();
            try (deletes) {
                for (long position : positions) {
                    PositionDelete<Record> delete = PositionDelete.create();
                    deletes.write(delete.set(location, position));
                }
            }
            table.newRowDelta().addDeletes(deletes.toDeleteFile()).commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Deletes rows of a file of a version 3 table by their positions.
    static void deleteByVector(Table table, DataFile file, long... positions) {
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
    static void deleteEqual(Table table, String column, String value) {
        deleteEqual(table, null, column, value);
    }

    /// Like [#deleteEqual(Table, String, String)], in the partition of a file only.
    static void deleteEqual(Table table, @Nullable DataFile inPartitionOf, String column, String value) {
        Schema schema = table.schema().select(column);
        Record row = GenericRecord.create(schema);
        row.set(0, TableText.value(schema.columns().getFirst().type(), value));
        try {
            EqualityDeleteWriter<Record> deletes = Parquet.writeDeletes(newDataFile(table))
                    .forTable(table)
                    .withPartition(inPartitionOf == null ? null : inPartitionOf.partition())
                    .rowSchema(schema)
                    .equalityFieldIds(schema.columns().getFirst().fieldId())
                    .createWriterFunc(GenericParquetWriter::create)
                    .overwrite()
                    .buildEqualityWriter();
            try (deletes) {
                deletes.write(row);
            }
            table.newRowDelta().addDeletes(deletes.toDeleteFile()).commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OutputFile newDataFile(Table table) {
        return table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet");
    }
}
