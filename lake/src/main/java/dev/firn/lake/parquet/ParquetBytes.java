package dev.firn.lake.parquet;

import dev.firn.lake.scratch.ScratchFile;
import dev.firn.lake.storage.LocalPath;
import dev.firn.lake.storage.StoreInput;
import dev.firn.lake.storage.StoreStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// Adapts an Iceberg input file to Parquet and counts the fetched bytes.
final class ParquetBytes implements org.apache.parquet.io.InputFile {
    /// Enough for the footer and the page indexes of most files.
    static final int TAIL_BYTES = 64 << 10;

    private static final int COPY_BYTES = 64 << 10;

    private final StoreInput file;
    private final ScratchFile.@Nullable Input scratch;
    private final LongAdder bytesRead;
    private final long length;
    private @Nullable FileRanges mapped;
    private volatile byte[] tail = new byte[0];

    ParquetBytes(InputFile file, LongAdder bytesRead) {
        this.file = StoreInput.of(file);
        this.scratch = file instanceof ScratchFile.Input temporary ? temporary : null;
        this.bytesRead = bytesRead;
        this.length = this.file.getLength();
    }

    /// Fetches the end of the file, which contains the footer and the page indexes, in one request and keeps it for
    /// later reads. Does nothing for a local file.
    void fetchTail() {
        if (isLocal()) {
            return;
        }
        byte[] bytes = new byte[(int) Math.min(TAIL_BYTES, length)];
        try (CountedStream stream = newStream()) {
            stream.readRange(length - bytes.length, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tail = bytes;
    }

    boolean isLocal() {
        return scratch != null || LocalPath.of(file.location()).isPresent();
    }

    /// The file, to keep parts of it.
    StoreInput file() {
        return file;
    }

    void forgetTail() {
        tail = new byte[0];
    }

    /// Bytes of the kept file end.
    int tailBytes() {
        return tail.length;
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public CountedStream newStream() {
        return new CountedStream(file.newStream());
    }

    /// The mapped bytes of a local file, else empty.
    Optional<FileRanges> mapped() {
        if (scratch != null) {
            return Optional.of(MappedRanges.of(scratch, bytesRead));
        }
        return LocalPath.of(file.location()).map(path -> {
            synchronized (this) {
                if (mapped == null) {
                    mapped = MappedRanges.of(path, bytesRead);
                }
                return mapped;
            }
        });
    }

    @Override
    public String toString() {
        return file.location();
    }

    /// Not thread-safe.
    final class CountedStream extends SeekableInputStream {
        private final StoreStream in;
        private long position;

        private CountedStream(StoreStream in) {
            this.in = in;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long target) {
            position = target;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int from, int count) throws IOException {
            byte[] end = tail;
            long tailStart = length - end.length;
            int read;
            if (end.length > 0 && position >= tailStart && position < length) {
                read = (int) Math.min(count, length - position);
                System.arraycopy(end, (int) (position - tailStart), target, from, read);
            } else {
                if (in.getPos() != position) {
                    in.seek(position);
                }
                read = in.read(target, from, count);
                bytesRead.add(Math.max(0, read));
            }
            position += Math.max(0, read);
            return read;
        }

        @Override
        public void readFully(byte[] target) throws IOException {
            readFully(target, 0, target.length);
        }

        @Override
        public void readFully(byte[] target, int from, int count) throws IOException {
            readRange(position, target, from, count);
            position += count;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            byte[] bytes = new byte[Math.min(target.remaining(), COPY_BYTES)];
            int read = read(bytes, 0, bytes.length);
            target.put(bytes, 0, Math.max(0, read));
            return read;
        }

        @Override
        public void readFully(ByteBuffer target) throws IOException {
            if (target.hasArray()) {
                readFully(target.array(), target.arrayOffset() + target.position(), target.remaining());
                target.position(target.limit());
            } else {
                byte[] bytes = new byte[target.remaining()];
                readFully(bytes);
                target.put(bytes);
            }
        }

        /// Reads one range with a single request, or with none if it is within the kept file end. Does not move the
        /// position.
        void readRange(long start, byte[] target, int from, int count) throws IOException {
            byte[] end = tail;
            long tailStart = length - end.length;
            if (start < 0 || count > length - start) {
                throw new EOFException(
                        "%d bytes at position %d are beyond the end of the file, %d".formatted(count, start, length));
            }
            if (start >= tailStart) {
                System.arraycopy(end, (int) (start - tailStart), target, from, count);
            } else {
                in.readFully(start, target, from, count);
                bytesRead.add(count);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
