package dev.firn.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;

/// The table of a refresh scenario: the generated files of its [TableSpec], then a [Change].
final class RefreshTable {
    private static final Pattern SPACE = Pattern.compile(" ");
    private static final int ROWS_PER_APPENDED = 500;
    private static final int ONE_IN = 100;
    private static final int COPIED_FILES = 10;
    private static final int ROWS_OF_COPIED = 10;

    private final GeneratedFiles data;
    private final BenchTables lake;
    private final TableSpec spec;
    private final Table table;

    /// Creates the table anew, as it is before the change.
    RefreshTable(GeneratedFiles data, BenchTables lake, Scenario scenario) {
        this.data = data;
        this.lake = lake;
        this.spec = scenario.table();
        this.table = lake.newTable(scenario);
    }

    /// Commits the change.
    ///
    /// @return the bytes of the data and delete files that it added and that do not only repeat rows
    long apply(Change change) {
        return switch (change) {
            case APPEND -> append();
            case COMPACTION_AND_APPEND -> {
                compact();
                yield append();
            }
            case POSITION_DELETES -> deletePositions();
            case EQUALITY_DELETES -> deleteKeys();
            case COPY_ON_WRITE -> copyOnWrite();
        };
    }

    private long append() {
        long rows = Math.max(1, spec.rows() / ROWS_PER_APPENDED);
        DataFile file = lake.entry(table, data.more(spec, "appended", spec.rows(), spec.rows() + rows, "true"), "");
        table.newAppend().appendFile(file).commit();
        return file.fileSizeInBytes();
    }

    /// Replaces every file by the same rows under another name.
    private void compact() {
        RewriteFiles rewrite =
                table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
        for (DataFile file : entries()) {
            rewrite.deleteFile(file);
        }
        for (Path again : data.again(spec)) {
            rewrite.addFile(lake.entry(table, again, ""));
        }
        rewrite.commit();
    }

    private long deletePositions() {
        RowDelta delta = table.newRowDelta();
        List<DeleteFile> deletes = new ArrayList<>();
        for (DataFile file : entries()) {
            PositionDeleteWriter<Record> writer = positions();
            try (writer) {
                PositionDelete<Record> delete = PositionDelete.create();
                for (long row = 0; row < file.recordCount(); row += ONE_IN) {
                    writer.write(delete.set(file.location(), row));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            deletes.add(writer.toDeleteFile());
        }
        deletes.forEach(delta::addDeletes);
        delta.commit();
        return bytes(deletes);
    }

    private long deleteKeys() {
        String key = spec.keyNames().getFirst();
        Schema schema = table.schema().select(List.of(key));
        EqualityDeleteWriter<Record> writer = equality(schema);
        try (writer) {
            keys().forEach(value -> {
                Record row = GenericRecord.create(schema);
                row.setField(key, value);
                writer.write(row);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DeleteFile delete = writer.toDeleteFile();
        table.newRowDelta().addDeletes(delete).commit();
        return delete.fileSizeInBytes();
    }

    private LongStream keys() {
        String key = spec.keys().getFirst().expression();
        try (Database database = Database.open(Bench.threads(), false)) {
            String keys = database.value(
                    "select string_agg(distinct k, ' ') from (select %s as k from range(%d) r(i)) where k %% %d = 0"
                            .formatted(key, spec.rows(), ONE_IN));
            return SPACE.splitAsStream(keys).mapToLong(Long::parseLong);
        }
    }

    private long copyOnWrite() {
        OverwriteFiles overwrite = table.newOverwrite();
        List<DataFile> files = entries();
        List<DataFile> written = new ArrayList<>();
        for (int f = 0; f < Math.max(1, files.size() / COPIED_FILES); f++) {
            overwrite.deleteFile(files.get(f));
            Path copy = data.more(
                    spec,
                    "copied-" + f,
                    spec.firstRow(f),
                    spec.firstRow(f + 1),
                    "i %% %d <> 0".formatted(ROWS_OF_COPIED));
            written.add(lake.entry(table, copy, ""));
        }
        written.forEach(overwrite::addFile);
        overwrite.commit();
        return bytes(written);
    }

    private static long bytes(List<? extends ContentFile<?>> files) {
        return files.stream().mapToLong(ContentFile::fileSizeInBytes).sum();
    }

    /// The files of the table before the change, in order.
    private List<DataFile> entries() {
        return data.files(spec).stream()
                .map(path -> lake.entry(table, path, ""))
                .toList();
    }

    private PositionDeleteWriter<Record> positions() {
        try {
            return Parquet.writeDeletes(newFile())
                    .withSpec(PartitionSpec.unpartitioned())
                    .buildPositionWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EqualityDeleteWriter<Record> equality(Schema schema) {
        try {
            return Parquet.writeDeletes(newFile())
                    .forTable(table)
                    .rowSchema(schema)
                    .equalityFieldIds(schema.columns().getFirst().fieldId())
                    .createWriterFunc(GenericParquetWriter::create)
                    .buildEqualityWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OutputFile newFile() {
        return table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet");
    }
}
