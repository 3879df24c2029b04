package dev.firn.lake.parquet;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.iceberg.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/// Adapts an Iceberg output file to Parquet and digests every byte written. One stream per file.
final class DigestedOutput implements org.apache.parquet.io.OutputFile {
    private final OutputFile file;
    private final MessageDigest digest = sha256();
    private @Nullable DigestingStream stream;

    DigestedOutput(OutputFile file) {
        this.file = file;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) {
        return opened(file.create());
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
        return opened(file.createOrOverwrite());
    }

    private DigestingStream opened(org.apache.iceberg.io.PositionOutputStream out) {
        DigestingStream opened = new DigestingStream(out, digest);
        stream = opened;
        return opened;
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }

    /// The digest of all bytes written; call it once.
    String hexDigest() {
        return HexFormat.of().formatHex(digest.digest());
    }

    long bytes() {
        return stream == null ? 0 : stream.position;
    }

    private static final class DigestingStream extends PositionOutputStream {
        private final org.apache.iceberg.io.PositionOutputStream out;
        private final MessageDigest digest;
        private long position;

        DigestingStream(org.apache.iceberg.io.PositionOutputStream out, MessageDigest digest) {
            this.out = out;
            this.digest = digest;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            digest.update((byte) value);
            position++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            digest.update(bytes, from, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
