package dev.firn.lake.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Small parts of a file that decide which rows to read: indexes, Bloom filters, dictionaries, a page header. Those of
/// remote files are kept, once they were decoded without a fault, and fetched again only if the cache has dropped them.
/// For one thread.
final class FileParts implements FileIndexes.RangeFetcher {
    /// A larger part is fetched each time.
    private static final int MAX_BYTES = 4 << 20;

    private final ParquetBytes bytes;
    private final Supplier<ParquetBytes.CountedStream> stream;

    FileParts(ParquetBytes bytes, Supplier<ParquetBytes.CountedStream> stream) {
        this.bytes = bytes;
        this.stream = stream;
    }

    /// The part may not be changed.
    @Override
    public byte[] fetch(long position, int length) {
        return isKept(length)
                ? bytes.file().kept(name(position, length), byte[].class).orElseGet(() -> read(position, length))
                : read(position, length);
    }

    @Override
    public void keep(long position, byte[] part) {
        if (isKept(part.length)) {
            bytes.file().keep(name(position, part.length), part, part.length);
        }
    }

    private boolean isKept(long length) {
        return length <= MAX_BYTES && bytes.file().isKept() && !bytes.isLocal();
    }

    private static String name(long position, int length) {
        return position + "+" + length;
    }

    private byte[] read(long position, int length) {
        byte[] part = new byte[length];
        try {
            stream.get().readRange(position, part, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return part;
    }

    /// The ranges of a file from a part that is kept or fetched now, and from the file beyond it. The reader calls
    /// [Part#keep] once it has decoded the part.
    ///
    /// @param file opened only if it is needed
    Part part(long start, long end, Supplier<FileRanges> file) {
        long length = end - start;
        if (length <= 0 || start < 0 || end > bytes.getLength() || !isKept(length)) {
            return new Part(start, new byte[0], file);
        }
        return new Part(start, fetch(start, (int) length), file);
    }

    /// Not thread-safe.
    final class Part implements FileRanges {
        private final long start;
        private final byte[] part;
        private final Supplier<FileRanges> file;
        private @Nullable FileRanges beyond;

        private Part(long start, byte[] part, Supplier<FileRanges> file) {
            this.start = start;
            this.part = part;
            this.file = file;
        }

        @Override
        public MemorySegment read(long position, long minBytes, long maxBytes) throws IOException {
            long held = start + part.length - position;
            if (position >= start && held >= Math.max(1, minBytes)) {
                return MemorySegment.ofArray(part).asSlice(position - start, Math.min(held, maxBytes));
            }
            FileRanges opened = beyond;
            if (opened == null) {
                opened = file.get();
                beyond = opened;
            }
            return opened.read(position, minBytes, maxBytes);
        }

        void keep() {
            if (part.length > 0) {
                FileParts.this.keep(start, part);
            }
        }

        @Override
        public void close() {
            if (beyond != null) {
                beyond.close();
            }
        }
    }
}
