package dev.firn.lake.storage;

import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/// A stream over the ranges of a [StoreInput]. Read from front to back it fetches windows that grow from [#FIRST_BYTES]
/// to [#MAX_BYTES]; after a jump they start small again. Requests that are larger than the window go straight to the
/// caller's array. Not thread-safe.
public final class StoreStream extends SeekableInputStream implements RangeReadable {
    private static final int FIRST_BYTES = 64 << 10;
    private static final int MAX_BYTES = 4 << 20;

    private final StoreInput file;
    private final FileRangeReader ranges;
    private final AvroFrames frames;
    private long position;
    private byte[] window = new byte[0];
    private long windowStart;
    private int windowBytes;
    private int nextBytes = FIRST_BYTES;
    private boolean closed;

    StoreStream(StoreInput file, FileRangeReader ranges) {
        this.file = file;
        this.ranges = ranges;
        this.frames = new AvroFrames(file);
    }

    @Override
    public long getPos() {
        return position;
    }

    @Override
    public void seek(long target) throws IOException {
        if (target < 0) {
            throw new EOFException("[%s] position %d is negative".formatted(file, target));
        }
        position = target;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, target.length);
        requireOpen();
        if (count == 0) {
            return 0;
        }
        if (!isInWindow(position)) {
            boolean follows = position == windowStart + windowBytes;
            nextBytes = follows ? nextBytes : FIRST_BYTES;
            if (count >= nextBytes) {
                int read = next(target, from, count);
                windowStart = position + read;
                windowBytes = 0;
                position += read;
                return read == 0 ? -1 : read;
            }
            fill();
        }
        int available = (int) (windowStart + windowBytes - position);
        if (available <= 0) {
            return -1;
        }
        int read = Math.min(count, available);
        System.arraycopy(window, (int) (position - windowStart), target, from, read);
        position += read;
        return read;
    }

    private boolean isInWindow(long at) {
        return at >= windowStart && at < windowStart + windowBytes;
    }

    private void fill() {
        if (window.length < nextBytes) {
            window = new byte[nextBytes];
        }
        windowStart = position;
        windowBytes = 0;
        windowBytes = next(window, 0, nextBytes);
        nextBytes = Math.min(MAX_BYTES, nextBytes * 2);
    }

    /// Reads from the current position; fewer bytes only at the end of the file.
    private int next(byte[] target, int from, int count) {
        int read = file.read(ranges, position, target, from, count);
        frames.follow(position, target, from, read);
        if (read < count && !frames.isComplete()) {
            throw frames.cutOff();
        }
        return read;
    }

    @Override
    public void readFully(long at, byte[] target, int from, int count) throws IOException {
        requireOpen();
        if (isInWindow(at) && at + count <= windowStart + windowBytes) {
            System.arraycopy(window, (int) (at - windowStart), target, from, count);
            return;
        }
        int read = file.read(ranges, at, target, from, count);
        if (read < count) {
            throw new EOFException("[%s] ends after %d of %d bytes at position %d".formatted(file, read, count, at));
        }
    }

    @Override
    public int readTail(byte[] target, int from, int count) throws IOException {
        requireOpen();
        int length = (int) Math.min(count, file.getLength());
        return file.read(ranges, file.getLength() - length, target, from, length);
    }

    @Override
    public String toString() {
        return file.toString();
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("[%s] the stream is closed".formatted(file));
        }
    }

    @Override
    public void close() {
        closed = true;
        window = new byte[0];
        windowBytes = 0;
        ranges.close();
    }
}
