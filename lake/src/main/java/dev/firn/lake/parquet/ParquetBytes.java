package dev.firn.lake.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// Adapts an Iceberg input file to Parquet and counts the fetched bytes.
final class ParquetBytes implements org.apache.parquet.io.InputFile {
    /// Enough for the footer and the page indexes of most files.
    static final int TAIL_BYTES = 64 << 10;

    private static final int COPY_BYTES = 64 << 10;

    private final InputFile file;
    private final LongAdder bytesRead;
    private final long length;
    private @Nullable FileRanges mapped;
    private volatile byte[] tail = new byte[0];

    ParquetBytes(InputFile file, LongAdder bytesRead) {
        this.file = file;
        this.bytesRead = bytesRead;
        this.length = file.getLength();
    }

    /// Fetches the end of the file, which contains the footer and the page indexes, in one request and keeps it for
    /// later reads. Does nothing for a local file.
    void fetchTail() {
        if (MappedRanges.pathOf(file.location()).isPresent()) {
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
        return MappedRanges.pathOf(file.location()).map(path -> {
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
        private final org.apache.iceberg.io.SeekableInputStream in;
        private long position;

        private CountedStream(org.apache.iceberg.io.SeekableInputStream in) {
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
            int done = 0;
            while (done < count) {
                int read = read(target, from + done, count - done);
                if (read < 0) {
                    throw new EOFException("read %d of %d bytes".formatted(done, count));
                }
                done += read;
            }
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
            while (target.hasRemaining()) {
                if (read(target) < 0) {
                    throw new EOFException("%d bytes are missing".formatted(target.remaining()));
                }
            }
        }

        /// Reads one range: with a single request if the store supports it, with none if the range is within
        /// the kept file end.
        void readRange(long start, byte[] target, int from, int count) throws IOException {
            if (start < length - tail.length && in instanceof RangeReadable ranges) {
                ranges.readFully(start, target, from, count);
                bytesRead.add(count);
            } else {
                seek(start);
                readFully(target, from, count);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
