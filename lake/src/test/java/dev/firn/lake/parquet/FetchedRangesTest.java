package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.storage.StoreInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compares a file fetched by range with the same file mapped.
final class FetchedRangesTest {
    private static final int ROWS = 1_300_000;
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "value", Types.LongType.get()));

    private static Path file = Path.of("");

    @BeforeAll
    static void writeSomeWindowsOfNoise(@TempDir Path folder) {
        file = folder.resolve("noise.parquet");
        Random random = new Random(11);
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(Files.localOutput(file.toFile()), SCHEMA, tasks)) {
            for (int from = 0; from < ROWS; from += 100_000) {
                long[] noise = random.longs(100_000).toArray();
                Column column = new LongColumn(noise, noise.length, Nulls.NONE);
                result.write(List.of(column, column), 0, noise.length);
            }
            result.finish();
        }
    }

    @Test
    void readsWholeColumnsAcrossWindows() {
        assertThat(file.toFile().length()).isGreaterThan(4L * ReadBuffers.MAX_WINDOW_BYTES);
        assertThat(all(remote(new AtomicInteger(), Integer.MAX_VALUE), new LongAdder()))
                .isEqualTo(all(Files.localInput(file.toFile()), new LongAdder()));
    }

    @Test
    void readsTheSameThroughTheSmallWindowsOfManyColumns() {
        try (ReadBuffers buffers = new ReadBuffers()) {
            buffers.shareAmong(1_000);
            assertThat(buffers.windowBytes()).isLessThan(100_000);
            assertThat(all(remote(new AtomicInteger(), Integer.MAX_VALUE), new LongAdder(), buffers))
                    .isEqualTo(all(Files.localInput(file.toFile()), new LongAdder()));
        }
    }

    @Test
    void readsSelectedRowsAndFetchesOnlyTheirPages() {
        long[] wanted = {3, 4, 70_000, 500_001, 999_999};
        LongAdder fetched = new LongAdder();

        assertThat(selected(remote(new AtomicInteger(), Integer.MAX_VALUE), wanted, fetched))
                .isEqualTo(selected(Files.localInput(file.toFile()), wanted, new LongAdder()));

        assertThat(fetched.sum()).isLessThan(file.toFile().length() / 4);
    }

    @Test
    void aFaultOfTheStoreSurfaces() {
        InputFile hasty = StoreInput.of(remote(new AtomicInteger(), 2), Map.of("firn.read-retry-limit-ms", "0"));
        assertThatThrownBy(() -> all(hasty, new LongAdder()))
                .isInstanceOf(LakeOutage.class)
                .hasMessageContaining("connection reset");
    }

    @Test
    void footerAndPageIndexesAreOneRequest() {
        InputFile once = remote(new AtomicInteger(), 1);
        try (ParquetFile parquet = ParquetFile.open(once, new LongAdder())) {
            FileColumn.Leaf leaf = (FileColumn.Leaf) column(parquet);
            for (int group = 0; group < parquet.rowGroups().size(); group++) {
                assertThat(parquet.pageIndex(group, leaf)).isPresent();
            }
            assertThat(parquet.tailBytes()).isEqualTo(ParquetBytes.TAIL_BYTES);
        }
    }

    @Test
    void aReleasedTailIsFetchedAgain() {
        InputFile store = remote(new AtomicInteger(), Integer.MAX_VALUE);
        LongAdder fetched = new LongAdder();
        try (ParquetFile parquet = ParquetFile.open(store, fetched)) {
            parquet.releaseTail();
            assertThat(parquet.pageIndex(0, (FileColumn.Leaf) column(parquet))).isPresent();
            assertThat(fetched.sum()).isGreaterThan(ParquetBytes.TAIL_BYTES);
        }
    }

    @Test
    void everyStreamIsClosed() {
        AtomicInteger open = new AtomicInteger();

        all(remote(open, Integer.MAX_VALUE), new LongAdder());

        assertThat(open).hasValue(0);
    }

    private static List<Long> all(InputFile input, LongAdder bytes) {
        try (ReadBuffers buffers = new ReadBuffers()) {
            return all(input, bytes, buffers);
        }
    }

    private static List<Long> all(InputFile input, LongAdder bytes, ReadBuffers buffers) {
        List<Long> values = new ArrayList<>();
        try (ParquetFile parquet = ParquetFile.open(input, bytes)) {
            for (int group = 0; group < parquet.rowGroups().size(); group++) {
                int rows = (int) parquet.rowGroups().get(group).getRowCount();
                try (ColumnCursor cursor = parquet.cursor(group, column(parquet), buffers)) {
                    cursor.read(rows);
                    add(cursor.take(), values);
                }
            }
        }
        return values;
    }

    private static List<Long> selected(InputFile input, long[] wanted, LongAdder bytes) {
        List<Long> values = new ArrayList<>();
        try (ParquetFile parquet = ParquetFile.open(input, bytes);
                ReadBuffers buffers = new ReadBuffers()) {
            RowSelection rows = new RowSelection(wanted, 0, wanted.length, 0);
            try (ColumnCursor cursor = parquet.cursor(0, column(parquet), buffers, rows)) {
                cursor.read(rows);
                add(cursor.take(), values);
            }
        }
        return values;
    }

    private static FileColumn column(ParquetFile parquet) {
        return FileSchema.ofIds(parquet.schema())
                .find(SCHEMA.findField("value"))
                .orElseThrow();
    }

    private static void add(Column column, List<Long> values) {
        Arrays.stream(((LongColumn) column).values()).limit(column.size()).forEach(values::add);
    }

    /// The file as if in a remote store, which fails after a number of reads.
    private static InputFile remote(AtomicInteger open, int reads) {
        InputFile local = Files.localInput(file.toFile());
        AtomicInteger left = new AtomicInteger(reads);
        return new InputFile() {
            @Override
            public long getLength() {
                return local.getLength();
            }

            @Override
            public SeekableInputStream newStream() {
                open.incrementAndGet();
                return new BreakingStream(local.newStream(), left, open);
            }

            @Override
            public String location() {
                return "store://bucket/noise.parquet";
            }

            @Override
            public boolean exists() {
                return true;
            }
        };
    }

    private static final class BreakingStream extends SeekableInputStream {
        private final SeekableInputStream in;
        private final AtomicInteger left;
        private final AtomicInteger open;

        BreakingStream(SeekableInputStream in, AtomicInteger left, AtomicInteger open) {
            this.in = in;
            this.left = left;
            this.open = open;
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
            return in.read();
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            if (left.decrementAndGet() < 0) {
                throw new IOException("connection reset");
            }
            return in.read(target, from, length);
        }

        @Override
        public void close() throws IOException {
            open.decrementAndGet();
            in.close();
        }
    }
}
