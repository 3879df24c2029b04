package dev.firn.gateway.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;

final class FileBytesTest {
    private static final byte[] FILE = new byte[1_000_000];

    static {
        new Random(7).nextBytes(FILE);
    }

    @Test
    void asksTheStoreSeldom() throws IOException {
        CountingStream in = new CountingStream(FILE);
        assertThat(sent(in, new ByteRange(0, FILE.length))).isEqualTo(FILE);
        assertThat(in.reads).isEqualTo(4);
    }

    @Test
    void sendsARange() throws IOException {
        assertThat(sent(new CountingStream(FILE), new ByteRange(999, 600_000)))
                .isEqualTo(Arrays.copyOfRange(FILE, 999, 600_000));
    }

    @Test
    void saysThatAFileEndedEarly() {
        assertThatThrownBy(() -> sent(new CountingStream(FILE), new ByteRange(0, FILE.length + 1L)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 bytes early");
    }

    private static byte[] sent(SeekableInputStream in, ByteRange range) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FileBytes.open(in, range).sendTo(out);
        return out.toByteArray();
    }

    /// Each read is a request, as on an object store.
    private static final class CountingStream extends SeekableInputStream {
        private final byte[] content;
        private int at;
        private int reads;

        CountingStream(byte[] content) {
            this.content = content;
        }

        @Override
        public long getPos() {
            return at;
        }

        @Override
        public void seek(long position) {
            at = (int) position;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("one byte at a time");
        }

        @Override
        public int read(byte[] target, int from, int count) {
            if (at == content.length) {
                return -1;
            }
            reads++;
            int read = Math.min(count, content.length - at);
            System.arraycopy(content, at, target, from, read);
            at += read;
            return read;
        }
    }
}
