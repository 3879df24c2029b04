package dev.firn.lake.scan;

import dev.firn.lake.storage.FileChangedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.zip.CRC32;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// Iceberg's loader of deletes, but for deletion vectors: it unpacks one before it compares the checksum, and a
/// flipped bit in a count makes it allocate gigabytes. This one compares first. Thread-safe.
public final class CheckedDeleteLoader extends BaseDeleteLoader {
    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private final FileIO io;

    public CheckedDeleteLoader(FileIO io) {
        super(delete -> io.newInputFile(delete));
        this.io = io;
    }

    /// @throws FileChangedException if a deletion vector is damaged
    @Override
    public PositionDeleteIndex loadPositionDeletes(Iterable<DeleteFile> deletes, CharSequence dataFile) {
        Iterator<DeleteFile> files = deletes.iterator();
        DeleteFile first = files.hasNext() ? files.next() : null;
        if (first == null || files.hasNext() || first.format() != FileFormat.PUFFIN) {
            return super.loadPositionDeletes(deletes, dataFile);
        }
        if (!dataFile.toString().equals(first.referencedDataFile())) {
            throw damaged(first, "is for the data file [%s], not [%s]".formatted(first.referencedDataFile(), dataFile));
        }
        return PositionDeleteIndex.deserialize(bytes(first), first);
    }

    private byte[] bytes(DeleteFile delete) {
        InputFile file = io.newInputFile(delete);
        Long offset = delete.contentOffset();
        Long size = delete.contentSizeInBytes();
        if (offset == null || size == null) {
            throw damaged(delete, "has no offset or size in its manifest");
        }
        if (offset < 0 || size <= LENGTH_BYTES + CHECKSUM_BYTES || size > file.getLength() - offset) {
            throw damaged(delete, "has %d bytes at %d of a file of %d".formatted(size, offset, file.getLength()));
        }
        byte[] bytes;
        try (SeekableInputStream stream = file.newStream()) {
            stream.seek(offset);
            byte[] length = new byte[LENGTH_BYTES];
            IOUtil.readFully(stream, length, 0, length.length); // also shows whether the file has its claimed length
            if (ByteBuffer.wrap(length).getInt() != size - LENGTH_BYTES - CHECKSUM_BYTES) {
                throw damaged(delete, "has another length than its manifest says");
            }
            bytes = Arrays.copyOf(length, Math.toIntExact(size));
            IOUtil.readFully(stream, bytes, LENGTH_BYTES, bytes.length - LENGTH_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int checksumAt = bytes.length - CHECKSUM_BYTES;
        CRC32 checksum = new CRC32();
        checksum.update(bytes, LENGTH_BYTES, checksumAt - LENGTH_BYTES);
        if (ByteBuffer.wrap(bytes).getInt(checksumAt) != (int) checksum.getValue()) {
            throw damaged(delete, "does not match its checksum");
        }
        return bytes;
    }

    private static FileChangedException damaged(DeleteFile delete, String why) {
        return new FileChangedException("[%s] deletion vector %s".formatted(delete.location(), why));
    }
}
