package dev.firn.lake.parquet;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/// A Parquet file whose footer and indexes are changed after it was written. Changed indexes are appended
/// before the new footer; pages stay where they are.
public final class PatchedFile {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final byte[] file;
    private final FileMetaData footer;

    public PatchedFile(byte[] file) {
        this.file = file;
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - 8);
        int at = file.length - 8 - length;
        body.write(file, 0, at);
        try {
            footer = Util.readFileMetaData(new ByteArrayInputStream(file, at, length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FileMetaData footer() {
        return footer;
    }

    /// Applies a change to the chunk of a column in each row group.
    public PatchedFile chunks(String column, Consumer<ColumnChunk> change) {
        for (RowGroup group : footer.getRow_groups()) {
            for (ColumnChunk chunk : group.getColumns()) {
                if (String.join(".", chunk.getMeta_data().getPath_in_schema()).equals(column)) {
                    change.accept(chunk);
                }
            }
        }
        return this;
    }

    public PatchedFile columnIndex(String column, Consumer<ColumnIndex> change) {
        return chunks(column, chunk -> {
            try {
                ColumnIndex index = Util.readColumnIndex(
                        new ByteArrayInputStream(file, (int) chunk.getColumn_index_offset(), file.length));
                change.accept(index);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Util.writeColumnIndex(index, out);
                rawColumnIndex(chunk, out.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public PatchedFile offsetIndex(String column, Consumer<OffsetIndex> change) {
        return chunks(column, chunk -> {
            try {
                OffsetIndex index = Util.readOffsetIndex(
                        new ByteArrayInputStream(file, (int) chunk.getOffset_index_offset(), file.length));
                change.accept(index);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Util.writeOffsetIndex(index, out);
                rawOffsetIndex(chunk, out.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public void rawColumnIndex(ColumnChunk chunk, byte[] bytes) {
        chunk.setColumn_index_offset(body.size());
        chunk.setColumn_index_length(bytes.length);
        body.writeBytes(bytes);
    }

    public void rawOffsetIndex(ColumnChunk chunk, byte[] bytes) {
        chunk.setOffset_index_offset(body.size());
        chunk.setOffset_index_length(bytes.length);
        body.writeBytes(bytes);
    }

    /// Bytes of the file before it was changed.
    public byte[] read(long position, int length) {
        return Arrays.copyOfRange(file, (int) position, (int) position + length);
    }

    /// Appends bytes; returns where they are.
    public long append(byte[] bytes) {
        long at = body.size();
        body.writeBytes(bytes);
        return at;
    }

    public byte[] bytes() {
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            body.writeTo(all);
            Util.writeFileMetaData(footer, all);
            all.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(all.size() - body.size())
                    .array());
            all.write(file, file.length - 4, 4);
            return all.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
