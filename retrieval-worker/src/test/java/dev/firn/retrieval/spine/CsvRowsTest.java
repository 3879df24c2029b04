package dev.firn.retrieval.spine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.engine.BytesColumn;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.S3Exception;

final class CsvRowsTest {
    private final List<String> opened = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();

    /// An open stream holds a connection of the store's pool.
    @Test
    void closesEveryStreamWhenAFileIsInvalid() {
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

    /// Excel and pandas' `utf-8-sig` write the mark. A quote after it still quotes.
    @Test
    void ignoresAByteOrderMark() {
        for (String content : List.of("\uFEFFa,b\n1,2\n", "\uFEFF\"a\",\"b\"\n\"1\",\"2\"\n")) {
            try (CsvRows rows = rows("a", file("marked", content))) {
                assertThat(rows.next().orElseThrow().columns().getFirst())
                        .isInstanceOfSatisfying(
                                BytesColumn.class, a -> assertThat(a.string(0)).isEqualTo("1"));
            }
        }
        assertThatThrownBy(() -> rows("a", file("mark", "\uFEFF"))).isInstanceOf(SpineFault.class);
    }

    /// docs/semantics.md rules 1 and 8. An empty line of one column is a row, of several it is none.
    @Test
    void rule1AnEmptyLineOfOneColumnIsARow() {
        assertThat(read("\na\n1\n\n2\n", "a")).containsExactly("1", null, "2");
        assertThat(read("\na,b\n1,x\n\n2,y\n\n", "a")).containsExactly("1", "2");
    }

    @Test
    void refusesAFileThatEndsWithinAQuotedValue() {
        for (String content : List.of(
                "a,b\n1,x\n2,\"y",
                "a,b\n1,x\n2,\"",
                "a,b\n1,x\n2,\"y\n3,z\n",
                "a,b\n1,x\r\n2,\"y\"\"",
                "a,b\n1,x\n2,\"y\"\"\nend of the text\n")) {
            assertThatThrownBy(() -> read(content, "a"))
                    .isInstanceOfSatisfying(
                            SpineFault.class, e -> assertThat(e.code()).isEqualTo(Code.SPINE_UNREADABLE))
                    .hasMessageContaining("[lines line 3]")
                    .hasMessageContaining("ends within a quoted value");
        }
        assertThatThrownBy(() -> read("\"a,b\n1,x\n", "a"))
                .isInstanceOf(SpineFault.class)
                .hasMessageContaining("[lines line 1]");
    }

    @Test
    void readsTheLastRowWithAndWithoutALineBreak() {
        for (String end : List.of("", "\n", "\r\n", "\r")) {
            assertThat(read("a,b\n1,x\n2,\"y\"\"\"" + end, "a")).containsExactly("1", "2");
            assertThat(read("a\n1\nend of the text" + end, "a")).containsExactly("1", "end of the text");
            assertThat(read("a\n1\n\n" + end.replace("\r\n", "\n"), "a")).startsWith("1", null);
        }
        assertThat(read("a\n1\n\"\"", "a")).containsExactly("1", "");
        assertThat(read("a\n1\n", "a")).containsExactly("1");
    }

    private List<@Nullable String> read(String content, String column) {
        try (CsvRows rows = rows(column, file("lines", content))) {
            BytesColumn found =
                    (BytesColumn) rows.next().orElseThrow().columns().getFirst();
            List<@Nullable String> texts = new ArrayList<>();
            for (int row = 0; row < found.size(); row++) {
                texts.add(found.isNull(row) ? null : found.string(row));
            }
            return texts;
        }
    }

    /// A spine may be thousands of small files, each a chunk that is kept until the slice is complete.
    @Test
    void aChunkHoldsLittleMoreMemoryThanItsValues() {
        try (CsvRows rows = rows("a", file("small", "a\n1\n"))) {
            BytesColumn one = (BytesColumn) rows.next().orElseThrow().columns().getFirst();
            assertThat(one.data()).hasSize(1);
            assertThat(one.offsets()).hasSize(2);
        }
    }

    @Test
    void aChunkOfManyColumnsHasFewRowsAndTakesLittleMemory() {
        int width = 2_000;
        String header = IntStream.range(0, width).mapToObj(i -> "c" + i).collect(Collectors.joining(",")) + "\n";
        try (CsvRows rows = all(file("wide", header + (",".repeat(width - 1) + "\n").repeat(2_000)))) {
            assertThat(rows.next().orElseThrow().rows()).isLessThan(2_000);
        }
        try (CsvRows rows = all(file("wide", header + ",".repeat(width - 1) + "\n"))) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            assertThat(rows.next().orElseThrow().rows()).isOne();
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16 << 20);
        }
    }

    private static CsvRows all(InputFile file) {
        return new CsvRows(List.of(file), List.of(), Map.of(), ZoneOffset.UTC);
    }

    @Test
    void aStoreThatFailsMidwayIsAnOutage() {
        RuntimeException denied = S3Exception.builder().message("says the test").build();
        for (int after : new int[] {0, 1, 40_000}) {
            String content = "a\n" + "1\n".repeat(20_000);
            assertThatThrownBy(() -> {
                        try (CsvRows rows = rows("a", failing("away", content, after, denied))) {
                            while (rows.next().isPresent()) {
                                // goes on to the end
                            }
                        }
                    })
                    .isInstanceOf(LakeOutage.class)
                    .hasMessageContaining("[away]");
        }
        assertThatThrownBy(() -> rows("a", failing("gone", "a\n1\n", 0, new NotFoundException("says the test"))))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.lakeCode()).isEqualTo(LakeCode.SPINE_NOT_FOUND));
        assertThat(closed).containsExactlyInAnyOrderElementsOf(opened);
    }

    private InputFile failing(String name, String content, int after, RuntimeException fault) {
        InputFile whole = file(name, content);
        return new InMemoryInputFile(name, new byte[0]) {
            @Override
            public SeekableInputStream newStream() {
                return new Watched(whole.newStream(), () -> {}) {
                    private int left = after;

                    @Override
                    public int read(byte[] target, int from, int length) throws IOException {
                        if (left <= 0) {
                            throw fault;
                        }
                        int read = super.read(target, from, Math.min(left, length));
                        left -= read;
                        return read;
                    }
                };
            }
        };
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

    /// Reports when it is closed.
    private static class Watched extends SeekableInputStream {
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
