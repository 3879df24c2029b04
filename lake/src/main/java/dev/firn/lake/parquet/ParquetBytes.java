package dev.firn.lake.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.jspecify.annotations.Nullable;

/// An Iceberg input file as parquet's, every byte fetched from it counted.
final class ParquetBytes implements org.apache.parquet.io.InputFile {
    private final InputFile file;
    private final LongAdder bytesRead;
    private final long length;
    private @Nullable FileRanges mapped;

    ParquetBytes(InputFile file, LongAdder bytesRead) {
        this.file = file;
        this.bytesRead = bytesRead;
        this.length = file.getLength();
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public Stream newStream() {
        return new Stream(file.newStream(), bytesRead);
    }

    /// The file's bytes as native memory: mapped where the file is one of this machine, else empty.
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
    static final class Stream extends DelegatingSeekableInputStream {
        private final SeekableInputStream in;
        private final LongAdder bytesRead;

        Stream(SeekableInputStream in, LongAdder bytesRead) {
            super(in);
            this.in = in;
            this.bytesRead = bytesRead;
        }

        @Override
        public long getPos() throws IOException {
            return in.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            in.seek(position);
        }

        @Override
        public int read() throws IOException {
            int next = in.read();
            if (next >= 0) {
                bytesRead.increment();
            }
            return next;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = in.read(target, from, length);
            if (read > 0) {
                bytesRead.add(read);
            }
            return read;
        }

        @Override
        public void readFully(byte[] target, int from, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int read = read(target, from + done, length - done);
                if (read < 0) {
                    throw new EOFException("%d of %d bytes".formatted(done, length));
                }
                done += read;
            }
        }

        /// One range: a single request where the store can do it.
        void readRange(long position, byte[] target, int from, int length) throws IOException {
            if (in instanceof RangeReadable ranges) {
                ranges.readFully(position, target, from, length);
                bytesRead.add(length);
            } else {
                seek(position);
                readFully(target, from, length);
            }
        }
    }
}
