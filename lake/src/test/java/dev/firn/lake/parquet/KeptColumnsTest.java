package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.columns.ColumnKey;
import dev.firn.lake.columns.ColumnSource;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.StoreInput;
import dev.firn.lake.storage.TableCaches;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cursors over columns that a cache keeps, where they could differ from those over the table's file.
final class KeptColumnsTest {
    private static final int ROWS = 20_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /// Half of the rows share few strings of some length, then the dictionary is full.
    private InputFile partlyInADictionary(int length, int shared) throws IOException {
        MessageType schema = Types.buildMessage()
                .required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named("value")
                .named("rows");
        Path file = folder.resolve("rows.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withDictionaryPageSize(10_000)
                .withPageRowCountLimit(500)
                .withSizeStatisticsEnabled(false)
                .build()) {
            SimpleGroupFactory groups = new SimpleGroupFactory(schema);
            for (int row = 0; row < ROWS; row++) {
                writer.write(groups.newGroup()
                        .append("value", row < shared ? String.valueOf(row % 3).repeat(length) : "row " + row));
            }
        }
        return new InMemoryFile("rows", Files.readAllBytes(file));
    }

    private static long maxSharedValueBytes(InputFile input) {
        try (ParquetFile file = ParquetFile.open(input, new LongAdder());
                ReadBuffers buffers = new ReadBuffers();
                ColumnCursor cursor = file.cursor(0, file.column("value"), buffers)) {
            long shared = cursor.maxSharedValueBytes();
            cursor.read(ROWS);
            assertThat(cursor.take().size()).isEqualTo(ROWS);
            return shared;
        }
    }

    private ColumnCache cache() {
        return ColumnCache.open(folder.resolve("cache"), 1L << 30, InstantSource.system());
    }

    private static InputFile kept(InputFile file, ColumnCache cache) {
        return StoreInput.of(file).keptIn(new TableCaches(MetadataCache.NONE, cache).ofTable("test", "owner"));
    }

    /// A reader that takes them for short may read more rows at once than its memory allows.
    @Test
    void stringsThatRowsShareInTheFileAreNotTakenForShort() throws Exception {
        InputFile file = partlyInADictionary(3_000, 500);
        assertThat(maxSharedValueBytes(file)).isEqualTo(3_000);
        try (ColumnCache cache = cache()) {
            for (int use = 0; use < 3; use++) {
                assertThat(maxSharedValueBytes(kept(file, cache)))
                        .as("use %d", use)
                        .isEqualTo(3_000);
                assertThat(cache.awaitFills(Duration.ofMinutes(1))).isTrue();
            }
            assertThat(cache.hits()).isOne();
        }
    }

    /// The footer does not tell how long they are without the dictionary.
    @Test
    void longStringsAreNotKeptAlthoughTheyAreShortInTheFile() throws Exception {
        InputFile file = partlyInADictionary(3_000, ROWS / 2);
        try (ColumnCache cache = cache()) {
            for (int use = 0; use < 3; use++) {
                maxSharedValueBytes(kept(file, cache));
                assertThat(cache.awaitFills(Duration.ofMinutes(1))).isTrue();
            }
            assertThat(cache.bytes()).isZero();
        }
    }

    /// A copy may have the size and the time of change of what it replaces, which is coarse too.
    @Test
    void aLocalFileThatWasReplacedIsAnotherVersion() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "before");
        FileTime changed = Files.getLastModifiedTime(file);
        try (ColumnCache cache = cache()) {
            StoreInput before = local(file, cache);
            ColumnCache.OfFile known = before.columns().orElseThrow();
            assertThat(local(file, cache).columns()).contains(known);
            assertThat(before.isUnchanged(known)).isTrue();

            Path other = Files.writeString(folder.resolve("other"), "after!");
            Files.setLastModifiedTime(other, changed);
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
            assertThat(Files.getLastModifiedTime(file)).isEqualTo(changed);
            assertThat(before.isUnchanged(known)).isFalse();
            assertThat(local(file, cache).columns().orElseThrow().version()).isNotEqualTo(known.version());
        }
    }

    private static StoreInput local(Path file, ColumnCache cache) {
        return (StoreInput) kept(org.apache.iceberg.Files.localInput(file.toFile()), cache);
    }

    /// Thousands of columns may wait for hours, and nobody counts their memory.
    @Test
    void aColumnThatWaitsDoesNotHoldTheFooter() throws Exception {
        InputFile file = partlyInADictionary(3, 500);
        CountDownLatch go = new CountDownLatch(1);
        try (ColumnCache cache = cache()) {
            ColumnKey other = new ColumnKey("other", "s3://b/other", "etag", 0, "value", "NONE");
            cache.missed(other, ColumnCache.Use.JOIN, blocking(go));
            cache.missed(other, ColumnCache.Use.JOIN, blocking(go));
            WeakReference<BlockMetaData> footer = readTwice(kept(file, cache));
            for (int wait = 0; wait < 50 && footer.get() != null; wait++) {
                System.gc();
            }
            assertThat(footer.get()).isNull();
            go.countDown();
            assertThat(cache.awaitFills(Duration.ofMinutes(1))).isTrue();
            maxSharedValueBytes(kept(file, cache));
            assertThat(cache.hits()).isOne();
        } finally {
            go.countDown();
        }
    }

    private static WeakReference<BlockMetaData> readTwice(InputFile input) {
        maxSharedValueBytes(input);
        try (ParquetFile file = ParquetFile.open(input, new LongAdder());
                ReadBuffers buffers = new ReadBuffers();
                ColumnCursor cursor = file.cursor(0, file.column("value"), buffers)) {
            cursor.read(1);
            return new WeakReference<>(file.rowGroups().getFirst());
        }
    }

    private static ColumnSource.Opening blocking(CountDownLatch go) {
        return new ColumnSource.Opening() {
            @Override
            public long estimatedBytes() {
                return 1;
            }

            @Override
            public ColumnSource open() {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IllegalStateException("nothing to read");
            }

            @Override
            public void close() {}
        };
    }
}
