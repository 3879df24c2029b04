package dev.firn.gateway.retrieval;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/// The disk space that the temporary files of all uploads in progress may take together. Thread-safe.
final class UploadSpace {
    private final long quotaBytes;
    private final AtomicLong inUse = new AtomicLong();

    UploadSpace(long quotaBytes) {
        this.quotaBytes = quotaBytes;
    }

    long bytesInUse() {
        return inUse.get();
    }

    /// Begins with nothing, and gives back what it took when it is closed.
    Share open() {
        return new Share();
    }

    /// What one upload takes. Not thread-safe.
    final class Share implements AutoCloseable {
        private long bytes;

        private Share() {}

        long bytes() {
            return bytes;
        }

        /// Takes more, before it is written.
        ///
        /// @throws Refusal with 503 if there is not enough
        void take(int more) {
            bytes += more;
            if (inUse.addAndGet(more) > quotaBytes) {
                throw Refusal.of(Code.OVERLOADED, "The uploads in progress fill the gateway's disk. Try again later.");
            }
        }

        /// Takes what is read of a body.
        InputStream counting(InputStream body) {
            return new FilterInputStream(body) {
                @Override
                public int read() throws IOException {
                    int one = in.read();
                    if (one >= 0) {
                        take(1);
                    }
                    return one;
                }

                @Override
                public int read(byte[] buffer, int from, int length) throws IOException {
                    int read = in.read(buffer, from, length);
                    if (read > 0) {
                        take(read);
                    }
                    return read;
                }
            };
        }

        @Override
        public void close() {
            inUse.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
