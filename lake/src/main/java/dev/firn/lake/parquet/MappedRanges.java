package dev.firn.lake.parquet;

import dev.firn.lake.scratch.ScratchFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.LongAdder;

/// A memory-mapped local file: nothing is copied before decompression. Requested bytes count as read. The garbage
/// collector unmaps it, so no reader can access unmapped memory. Thread-safe.
final class MappedRanges implements FileRanges {
    private final MemorySegment file;
    private final LongAdder bytesRead;

    private MappedRanges(MemorySegment file, LongAdder bytesRead) {
        this.file = file;
        this.bytesRead = bytesRead;
    }

    static MappedRanges of(Path path, LongAdder bytesRead) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedRanges(
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()), bytesRead);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of a temporary file, which is unmapped when it is closed.
    static MappedRanges of(ScratchFile.Input file, LongAdder bytesRead) {
        return new MappedRanges(file.map(), bytesRead);
    }

    @Override
    public MemorySegment read(long position, long minBytes, long maxBytes) throws IOException {
        long available = file.byteSize() - position;
        if (minBytes > available) {
            throw new EOFException("%d bytes left, %d requested".formatted(Math.max(0, available), minBytes));
        }
        bytesRead.add(minBytes);
        return file.asSlice(position, Math.min(maxBytes, available));
    }
}
