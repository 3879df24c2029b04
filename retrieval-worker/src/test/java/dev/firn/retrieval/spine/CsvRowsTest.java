package dev.firn.retrieval.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;

final class CsvRowsTest {
    private final List<String> opened = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();

    /// An open stream holds a connection of the store's pool.
    @Test
    void everyStreamIsClosedWhateverIsWrongWithItsFile() {
        for (String content : List.of("", "a,a\n1,2\n", "b\n1\n")) {
            assertThatThrownBy(() -> rows("a", file("bad", content))).isInstanceOf(SpineFault.class);
        }
        assertThatThrownBy(() -> {
                    try (CsvRows rows = rows("a", file("first", "a\n1\n"), file("second", "b\n1\n"))) {
                        rows.next();
                    }
                })
                .isInstanceOf(SpineFault.class);

        assertThat(opened).hasSize(5);
        assertThat(closed).containsExactlyInAnyOrderElementsOf(opened);
    }

    private static CsvRows rows(String keep, InputFile... files) {
        return new CsvRows(List.of(files), List.of(keep), Map.of(), ZoneOffset.UTC);
    }

    private InputFile file(String name, String content) {
        return new InMemoryInputFile(name, content.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public SeekableInputStream newStream() {
                opened.add(name);
                return new Watched(super.newStream(), () -> closed.add(name));
            }
        };
    }

    /// Tells when it is closed.
    private static final class Watched extends SeekableInputStream {
        private final SeekableInputStream stream;
        private final Runnable atClose;

        Watched(SeekableInputStream stream, Runnable atClose) {
            this.stream = stream;
            this.atClose = atClose;
        }

        @Override
        public long getPos() throws IOException {
            return stream.getPos();
        }

        @Override
        public void seek(long position) throws IOException {
            stream.seek(position);
        }

        @Override
        public int read() throws IOException {
            return stream.read();
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            return stream.read(target, from, length);
        }

        @Override
        public void close() throws IOException {
            atClose.run();
            stream.close();
        }
    }
}
