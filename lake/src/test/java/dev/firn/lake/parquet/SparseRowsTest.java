package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads few rows of large pages, which are unpacked only as far as the rows need.
final class SparseRowsTest {
    private static final int ROWS = 60_000;
    private static final Schema SCHEMA = new Schema(NestedField.optional(1, "value", Types.LongType.get()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private ParquetFile written(Column values) {
        Path file = folder.resolve("values.parquet");
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult result = ParquetResult.create(Files.localOutput(file.toFile()), SCHEMA, tasks)) {
            result.write(List.of(values), 0, values.size());
            result.finish();
        }
        return ParquetFile.open(Files.localInput(file.toFile()), new LongAdder());
    }

    private static FileColumn column(ParquetFile file) {
        return FileSchema.of(file, Optional.empty())
                .orElseThrow()
                .find(SCHEMA.columns().getFirst())
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 1_000})
    void rowsOfAPageComeInAnyNumberOfParts(int nullEvery) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        LongColumn.Builder builder = new LongColumn.Builder(ROWS);
        for (int i = 0; i < ROWS; i++) {
            if (nullEvery > 0 && random.nextInt(nullEvery) == 0) {
                builder.appendNull();
            } else {
                builder.append(random.nextLong());
            }
        }
        LongColumn values = builder.build();
        try (ParquetFile file = written(values);
                ReadBuffers buffers = new ReadBuffers()) {
            for (int round = 0; round < 20; round++) {
                long[] rows = random.ints(1 + random.nextInt(30), 0, ROWS)
                        .distinct()
                        .sorted()
                        .asLongStream()
                        .toArray();
                RowSelection wanted = new RowSelection(rows, 0, rows.length, 0);
                int cut = random.nextInt(rows.length + 1);
                try (ColumnCursor cursor = file.cursor(0, column(file), buffers, wanted)) {
                    cursor.read(wanted.part(0, cut));
                    cursor.read(wanted.part(cut, rows.length));
                    Column read = cursor.take();
                    List<Object> expected = new ArrayList<>();
                    List<Object> actual = new ArrayList<>();
                    for (int i = 0; i < rows.length; i++) {
                        expected.add(values.isNull((int) rows[i]) ? "null" : values.values()[(int) rows[i]]);
                        actual.add(read.isNull(i) ? "null" : ((LongColumn) read).values()[i]);
                    }
                    assertThat(actual).as("seed %d", seed).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void aPrefixThatCannotBeDecompressedIsLeftToTheWholePage() {
        byte[] packed = Zstd.compress(new byte[1_000]);
        MemorySegment source = Arena.ofAuto().allocate(packed.length);
        source.copyFrom(MemorySegment.ofArray(packed));
        MemorySegment target = Arena.ofAuto().allocate(2_000);
        try (PageCodec codec = new PageCodec()) {
            assertThat(codec.decompressPrefix(source, target.asSlice(0, 500))).isTrue();
            assertThat(IntStream.range(0, 500).allMatch(i -> target.get(ValueLayout.JAVA_BYTE, i) == 0))
                    .isTrue();
            assertThat(codec.decompressPrefix(source, target)).isFalse();
            assertThat(codec.decompressPrefix(source.asSlice(0, packed.length / 2), target.asSlice(0, 900)))
                    .isFalse();
        }
    }
}
