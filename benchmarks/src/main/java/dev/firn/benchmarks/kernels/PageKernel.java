package dev.firn.benchmarks.kernels;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ParquetResult;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Reads one column chunk of 100,000 rows from a mapped file into a column: plain longs, plain strings, or strings in a
/// dictionary. Reads all rows, or a few as for the values of winners. Time per chunk, in microseconds.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PageKernel {
    static final int ROWS = 100_000;
    static final int FEW = 24;
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "longs", Types.LongType.get()),
            NestedField.optional(2, "strings", Types.StringType.get()),
            NestedField.optional(3, "words", Types.StringType.get()));

    @Param({"longs", "strings", "words"})
    public String column = "longs";

    private final ReadBuffers buffers = new ReadBuffers();
    private final long[] few = new SplittableRandom(3)
            .longs(0, ROWS)
            .distinct()
            .limit(FEW)
            .sorted()
            .toArray();
    private @Nullable Path path;
    private @Nullable ParquetFile file;
    private FileColumn bound = new FileColumn.Constant(SCHEMA.columns().getFirst(), null);

    static List<Column> values() {
        SplittableRandom random = new SplittableRandom(20_240_101);
        long[] longs = random.longs(ROWS).toArray();
        return List.of(
                new LongColumn(longs, ROWS, Nulls.NONE),
                BytesColumn.ofStrings(IntStream.range(0, ROWS)
                        .mapToObj(i -> "customer-%07x".formatted(longs[i] >>> 36))
                        .toArray(String[]::new)),
                BytesColumn.ofStrings(IntStream.range(0, ROWS)
                        .mapToObj(i -> "s" + (longs[i] >>> 1) % 50)
                        .toArray(String[]::new)));
    }

    @Setup
    public void setUp() throws IOException {
        Path written = Files.createTempFile("firn-kernel-", ".parquet");
        path = written;
        try (ColumnTasks tasks = new ColumnTasks(1);
                ParquetResult result =
                        ParquetResult.create(org.apache.iceberg.Files.localOutput(written.toFile()), SCHEMA, tasks)) {
            result.write(values(), 0, ROWS);
            result.finish();
        }
        ParquetFile opened = ParquetFile.open(org.apache.iceberg.Files.localInput(written.toFile()), new LongAdder());
        file = opened;
        bound = FileSchema.of(opened, Optional.empty())
                .orElseThrow()
                .find(SCHEMA.findField(column))
                .orElseThrow();
    }

    @TearDown
    public void tearDown() throws IOException {
        if (file != null) {
            file.close();
        }
        if (path != null) {
            Files.delete(path);
        }
        buffers.close();
    }

    private ParquetFile file() {
        ParquetFile opened = file;
        if (opened == null) {
            throw new IllegalStateException("not set up");
        }
        return opened;
    }

    @Benchmark
    public Column all() {
        try (ColumnCursor cursor = file().cursor(0, bound, buffers)) {
            cursor.read(ROWS);
            return cursor.take();
        }
    }

    @Benchmark
    public Column some() {
        RowSelection wanted = new RowSelection(few, 0, FEW, 0);
        try (ColumnCursor cursor = file().cursor(0, bound, buffers, wanted)) {
            cursor.read(wanted);
            return cursor.take();
        }
    }

    long[] few() {
        return few.clone();
    }
}
