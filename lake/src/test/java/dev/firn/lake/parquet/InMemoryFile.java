package dev.firn.lake.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/// A file in memory. Its location has a scheme, so that it is fetched and not mapped.
@SuppressWarnings("ArrayRecordComponent") // never compared
record InMemoryFile(String path, byte[] bytes) implements InputFile {
    @Override
    public long getLength() {
        return bytes.length;
    }

    @Override
    public String location() {
        return "memory://" + path;
    }

    @Override
    public boolean exists() {
        return true;
    }

    @Override
    public SeekableInputStream newStream() {
        return new Stream(new Bytes(bytes));
    }

    private static final class Bytes extends ByteArrayInputStream {
        Bytes(byte[] bytes) {
            super(bytes);
        }

        int position() {
            return pos;
        }

        void seek(long position) {
            pos = (int) position;
        }
    }

    private static final class Stream extends SeekableInputStream {
        private final Bytes in;

        Stream(Bytes in) {
            this.in = in;
        }

        @Override
        public long getPos() {
            return in.position();
        }

        @Override
        public void seek(long position) throws IOException {
            if (position < 0) {
                throw new IOException("cannot seek to " + position);
            }
            in.seek(position);
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] target, int from, int count) {
            return in.read(target, from, count);
        }
    }
}
