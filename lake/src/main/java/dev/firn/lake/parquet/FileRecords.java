package dev.firn.lake.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetValueReader;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.schema.MessageType;

/// All rows of a file as Iceberg's generic records, row group by row group, for callers that need rows and not columns.
/// Iceberg's own reader would not verify the checksums of pages. Throws [CorruptParquetException], or what the store
/// throws. For one thread.
public final class FileRecords implements CloseableIterator<Record> {
    private final ParquetFileReader file;
    private final MessageType columns;
    private final ParquetValueReader<Record> rows;
    private int rowGroup = -1;
    private long remainingRows;

    private FileRecords(ParquetFileReader file, MessageType columns, ParquetValueReader<Record> rows) {
        this.file = file;
        this.columns = columns;
        this.rows = rows;
    }

    /// Throws [UnreadableColumnException] if a column cannot be found by its id, or not be read exactly.
    ///
    /// @param mapping gives columns without field ids their ids
    /// @param reader creates the reader of rows for the file's schema, which has ids
    public static FileRecords open(
            InputFile input,
            Schema projection,
            NameMapping mapping,
            Function<MessageType, ParquetValueReader<Record>> reader) {
        ParquetFileReader file = null;
        try {
            file = libraryReader(input);
            MessageType schema = OldLists.modern(file.getFileMetaData().getSchema());
            FileSchema withIds = FileSchema.ofIds(FieldIds.complete(schema, mapping));
            withIds.check(projection);
            MessageType columns = withIds.columns(projection);
            file.setRequestedSchema(OldLists.stored(ParquetSchemaUtil.pruneColumns(columns, projection)));
            return new FileRecords(file, columns, reader.apply(columns));
        } catch (RuntimeException e) {
            if (file != null) {
                closeQuietly(file, e);
            }
            throw CorruptParquetException.ofLibrary("unreadable schema", e);
        }
    }

    private static ParquetFileReader libraryReader(InputFile input) {
        ParquetBytes bytes = new ParquetBytes(input, new LongAdder());
        try {
            return ParquetFileReader.open(bytes, Footer.options());
        } catch (IOException | RuntimeException e) {
            throw CorruptParquetException.ofLibrary("unreadable footer", e);
        }
    }

    private static void closeQuietly(ParquetFileReader file, RuntimeException because) {
        try {
            file.close();
        } catch (IOException | RuntimeException e) {
            because.addSuppressed(e);
        }
    }

    @Override
    public boolean hasNext() {
        while (remainingRows == 0) {
            if (rowGroup + 1 >= file.getRowGroups().size()) {
                return false;
            }
            rowGroup++;
            try {
                PageReadStore pages = file.readNextRowGroup();
                if (pages == null) {
                    return false;
                }
                rows.setPageSource(OldLists.pages(pages, columns));
                remainingRows = pages.getRowCount();
            } catch (IOException | RuntimeException e) {
                throw CorruptParquetException.ofLibrary("row group " + rowGroup, e);
            }
        }
        return true;
    }

    @Override
    @SuppressWarnings("NullAway") // Iceberg: null for "no record to reuse"
    public Record next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        remainingRows--;
        try {
            return rows.read(null);
        } catch (RuntimeException e) {
            throw CorruptParquetException.ofLibrary("row group " + rowGroup, e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
