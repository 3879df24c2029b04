package dev.firn.gateway.retrieval;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/// A range of a stored file on its way to a client. Its first bytes are read when it is opened: until then the answer
/// can still be another one.
///
/// Each read is a request to the store, so a small buffer costs more in requests than in bytes. A large one would fill
/// the heap while many clients read slowly.
final class FileBytes {
    private static final int BUFFER_BYTES = 256 << 10;

    private final SeekableInputStream in;
    private final byte[] buffer;
    private final long length;
    private final int first;

    private FileBytes(SeekableInputStream in, byte[] buffer, long length, int first) {
        this.in = in;
        this.buffer = buffer;
        this.length = length;
        this.first = first;
    }

    /// @param in stays with the caller, who closes it
    static FileBytes open(SeekableInputStream in, ByteRange range) throws IOException {
        in.seek(range.from());
        byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, range.length())];
        return new FileBytes(in, buffer, range.length(), in.read(buffer, 0, buffer.length));
    }

    long length() {
        return length;
    }

    /// Sends all bytes, once.
    void sendTo(OutputStream out) throws IOException {
        int read = first;
        for (long left = length; left > 0; read = in.read(buffer, 0, (int) Math.min(buffer.length, left))) {
            if (read < 0) {
                throw new IOException("the file ended %,d bytes early".formatted(left));
            }
            out.write(buffer, 0, read);
            left -= read;
            if (left == 0) {
                return;
            }
        }
    }
}
