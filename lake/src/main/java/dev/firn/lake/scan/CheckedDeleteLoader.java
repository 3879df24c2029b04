package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.storage.FileChangedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// Iceberg's loader of deletes, with three differences in position deletes. Iceberg unpacks a deletion vector
/// before it compares the checksum, and a flipped bit in a count makes it allocate gigabytes: this one compares
/// first. `s3://`, `s3a://` and `s3n://` name the same data file. And no row group of a delete file is skipped by
/// the statistics of its paths, which may be cut or wrong. Thread-safe.
public final class CheckedDeleteLoader extends BaseDeleteLoader {
    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    /// A position beyond this one is in no file. Iceberg's bitmap refuses some of them and grows with the others.
    private static final long MAX_POSITION = 1L << 40;

    private final PinnedTable table;
    private final FileIO io;
    private final PositionDeletes.Reads reads;

    /// @param cancelled is asked while position deletes are read
    public CheckedDeleteLoader(PinnedTable table, BooleanSupplier cancelled) {
        this(table, new PositionDeletes.Reads(new LongAdder(), cancelled));
    }

    CheckedDeleteLoader(PinnedTable table, PositionDeletes.Reads reads) {
        super(delete -> table.io().newInputFile(delete));
        this.table = table;
        this.io = table.io();
        this.reads = reads;
    }

    /// @throws FileChangedException if a deletion vector is damaged
    @Override
    public PositionDeleteIndex loadPositionDeletes(Iterable<DeleteFile> deletes, CharSequence dataFile) {
        String location = dataFile.toString();
        PositionDeleteIndex all = Deletes.toPositionIndex(CloseableIterable.empty());
        for (DeleteFile delete : deletes) {
            switch (delete.format()) {
                case PUFFIN -> all.merge(vector(delete, location));
                case PARQUET ->
                    PositionDeletes.forEach(
                            table,
                            delete,
                            ScanPlanner.withoutScheme(location),
                            position -> {
                                if (position >= 0 && position <= MAX_POSITION) {
                                    all.delete(position);
                                }
                            },
                            reads);
                default ->
                    ScanPlanner.spellings(location)
                            .forEach(spelling -> all.merge(super.loadPositionDeletes(List.of(delete), spelling)));
            }
        }
        return all;
    }

    private PositionDeleteIndex vector(DeleteFile delete, String dataFile) {
        String referenced = delete.referencedDataFile();
        if (referenced == null || !ScanPlanner.withoutScheme(referenced).equals(ScanPlanner.withoutScheme(dataFile))) {
            throw damaged(delete, "is for the data file [%s], not [%s]".formatted(referenced, dataFile));
        }
        return PositionDeleteIndex.deserialize(bytes(delete), delete);
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
