package dev.firn.lake.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.Column;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.StoreInput;
import dev.firn.lake.storage.TableCaches;
import dev.firn.testkit.CacheFate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of random schemas, encodings, codecs, page and row group sizes, with and without checksums, indexes and
/// Bloom filters, by two writers. Each is read by Firn, as a whole and by single rows, and by parquet-java's own
/// record reader. An eighth of them is also read through a cache of columns that is warm, incomplete or damaged.
///
/// For more files, set `-Dfirn.files=5000`; to repeat a failure, `-Dfirn.seed` to the seed that it names and
/// `-Dfirn.files=1`.
final class RandomFilesTest {
    private static final int FILES = Integer.getInteger("firn.files", 150);
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());
    private static final List<CompressionCodecName> CODECS = List.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private long hits;
    private long damaged;

    @Test
    void filesOfParquetJavaAreReadAsItsOwnReaderReadsThem() throws IOException {
        long values = 0;
        for (long seed = SEED; seed < SEED + FILES; seed++) {
            Path file = folder.resolve("java.parquet");
            Files.deleteIfExists(file);
            write(file, new Random(seed));
            values += compare(file, new Random(seed), seed, "seed " + seed);
        }
        System.out.printf(
                "%d files of parquet-java, %d values, seed %d; %d column chunks from the cache, %d damaged%n",
                FILES, values, SEED, hits, damaged);
        if (FILES >= 100) {
            assertThat(hits).as("columns read from the cache").isPositive();
        }
    }

    private static void write(Path file, Random random) throws IOException {
        RandomGroups groups = new RandomGroups(random);
        MessageType schema = groups.schema();
        int rows = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(random.nextInt(4) == 0 ? 1_500 : 200);
        ExampleParquetWriter.Builder builder = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(schema)
                .withWriterVersion(random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0)
                .withDictionaryEncoding(random.nextInt(3) > 0)
                .withByteStreamSplitEncoding(random.nextInt(3) == 0)
                .withCompressionCodec(CODECS.get(random.nextInt(CODECS.size())))
                .withPageSize(100 + random.nextInt(2_000))
                .withPageRowCountLimit(1 + random.nextInt(300))
                .withMinRowCountForPageSizeCheck(1 + random.nextInt(20))
                .withDictionaryPageSize(100 + random.nextInt(1_500))
                .withRowGroupSize(500L + random.nextInt(40_000))
                .withMinRowCountForPageSizeCheck(1)
                .withPageWriteChecksumEnabled(random.nextBoolean())
                .withBloomFilterEnabled(random.nextInt(4) == 0)
                .withMaxBloomFilterBytes(1 << 12)
                .withStatisticsEnabled(random.nextInt(5) > 0);
        try (ParquetWriter<Group> writer = builder.build()) {
            SimpleGroupFactory factory = new SimpleGroupFactory(schema);
            for (int row = 0; row < rows; row++) {
                if (row % 97 == 0) {
                    groups.spread();
                }
                Group group = factory.newGroup();
                groups.fill(group, schema, row);
                writer.write(group);
            }
        }
    }

    @Test
    void filesOfDuckDbAreReadAsParquetJavaReadsThem() throws Exception {
        int files = Math.max(1, FILES / 4);
        long values = 0;
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
            for (long seed = SEED; seed < SEED + files; seed++) {
                Path file = folder.resolve("duck.parquet");
                Files.deleteIfExists(file);
                writeByDuckDb(duck, file, new Random(seed));
                values += compare(file, new Random(seed), seed, "seed " + seed);
            }
        }
        System.out.printf("%d files of DuckDB, %d values, seed %d%n", files, values, SEED);
    }

    private static final List<String> DUCK_VALUES = List.of(
            "%s::BIGINT",
            "(%s %% 100000)::INTEGER",
            "(%s %% 100)::TINYINT",
            "abs(%s %% 60000)::USMALLINT",
            "abs(%s)::UBIGINT",
            "(%s / 7.0)::DOUBLE",
            "(%s / 7.0)::FLOAT",
            "(%s %% 2 = 0)",
            "'näme ' || %s",
            "('x' || %s)::BLOB",
            "(%s %% 1000000 / 100.0)::DECIMAL(9,2)",
            "(%s %% 1000000 / 100.0)::DECIMAL(18,4)",
            "(%s %% 1000000 / 100.0)::DECIMAL(30,3)",
            "DATE '2024-01-01' + (%s %% 10000)::INTEGER",
            "make_timestamp(1700000000000000 + %s)",
            "make_timestamp(1700000000000000 + %s)::TIMESTAMPTZ",
            "TIME '01:02:03.000004' + to_microseconds(abs(%s %% 1000000))",
            "[%1$s, NULL, %1$s + 1]",
            "{'a': %1$s, 'b': 'x' || %1$s}",
            "MAP {'k': %s}",
            "md5('' || %s)::UUID");

    private static void writeByDuckDb(Connection duck, Path file, Random random) throws SQLException {
        List<String> columns = new ArrayList<>(List.of("i AS id"));
        int count = 1 + random.nextInt(6);
        for (int c = 0; c < count; c++) {
            String value = random.nextInt(3) == 0
                    ? "(i * 7919 %% 100003)".replace("%%", "%")
                    : "(i %% %d - %d)".formatted(1 + random.nextInt(30), random.nextInt(20));
            String expression =
                    DUCK_VALUES.get(random.nextInt(DUCK_VALUES.size())).formatted(value);
            int nullEvery = random.nextInt(4);
            columns.add("CASE WHEN %d > 0 AND i %% %d = 0 THEN NULL ELSE %s END AS c%d"
                    .formatted(nullEvery, Math.max(1, nullEvery * 3), expression, c));
        }
        String options = "FORMAT parquet, CODEC '%s', ROW_GROUP_SIZE %d, PARQUET_VERSION %s"
                .formatted(
                        List.of("uncompressed", "snappy", "gzip", "zstd", "lz4_raw")
                                .get(random.nextInt(5)),
                        random.nextBoolean() ? 2048 : 122_880,
                        random.nextBoolean() ? "V1" : "V2");
        try (Statement statement = duck.createStatement()) {
            statement.execute("COPY (SELECT %s FROM range(%d) t(i)) TO '%s' (%s)"
                    .formatted(String.join(", ", columns), random.nextInt(3_000), file, options));
        }
    }

    /// Compares once, and every eighth file three times with a cache of columns. Returns the number of values.
    private long compare(Path file, Random random, long seed, String what) throws IOException {
        List<List<String>> expected = GroupValues.read(file);
        InMemoryFile remote = new InMemoryFile("%s %d".formatted(file, seed), Files.readAllBytes(file));
        if (seed % 8 != 0) {
            InputFile read = random.nextBoolean() ? remote : org.apache.iceberg.Files.localInput(file.toFile());
            compare(read, expected, random, what);
            return expected.stream().mapToLong(List::size).sum();
        }
        CacheFate fate = CacheFate.of(seed / 8);
        Path cached = folder.resolve("cache " + seed);
        try (ColumnCache cache = ColumnCache.open(cached, fate.maxBytes(), InstantSource.system())) {
            InputFile kept =
                    StoreInput.of(remote).keptIn(new TableCaches(MetadataCache.NONE, cache).ofTable("test", "owner"));
            for (int round = 1; round <= 3; round++) {
                compare(kept, expected, random, "%s, %s, round %d".formatted(what, fate, round));
                cache.awaitFills(Duration.ofMinutes(1));
                fate.strike(cached, random);
            }
            hits += cache.hits();
            damaged += cache.damaged();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return expected.stream().mapToLong(List::size).sum();
    }

    private static void compare(InputFile file, List<List<String>> expected, Random random, String what) {
        List<List<String>> actual = new ArrayList<>();
        try (ParquetSource source = ParquetSource.open(file)) {
            List<NestedField> fields = source.schema().columns();
            List<String> names = fields.stream().map(NestedField::name).toList();
            Iterator<List<Column>> batches = source.batches(names, 1 + random.nextInt(300));
            while (batches.hasNext()) {
                add(batches.next(), fields, actual);
            }
        } catch (RuntimeException e) {
            throw new AssertionError(what, e);
        }
        same(actual, expected, what);
        singleRows(file, expected, random, what);
    }

    private static void add(List<Column> columns, List<NestedField> fields, List<List<String>> rows) {
        int size = columns.getFirst().size();
        for (int i = 0; i < size; i++) {
            List<String> row = new ArrayList<>();
            for (int c = 0; c < fields.size(); c++) {
                row.add(GroupValues.text(ColumnValues.value(fields.get(c).type(), columns.get(c), i)));
            }
            rows.add(row);
        }
    }

    private static void same(List<List<String>> actual, List<List<String>> expected, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            if (!actual.get(i).equals(expected.get(i))) {
                assertThat(actual.get(i)).as("%s row %d", what, i).isEqualTo(expected.get(i));
            }
        }
    }

    /// Reads some rows of each row group by their pages. Flat columns lie within the bounds of their row group
    /// and page.
    private static void singleRows(InputFile remote, List<List<String>> expected, Random random, String what) {
        List<String> ignored = new ArrayList<>();
        try (ParquetFile file = ParquetFile.open(remote, new LongAdder(), ignored::add);
                ReadBuffers buffers = new ReadBuffers()) {
            MessageType withIds = ForeignSchema.withIds(file.schema());
            FileSchema columns = FileSchema.ofIds(withIds);
            List<String> names = withIds.getFields().stream().map(Type::getName).toList();
            int first = 0;
            for (int g = 0; g < file.rowGroups().size(); g++) {
                int rows = (int) file.rowGroups().get(g).getRowCount();
                long[] some = random.ints(1 + random.nextInt(10), 0, Math.max(1, rows))
                        .distinct()
                        .sorted()
                        .asLongStream()
                        .toArray();
                for (NestedField field : ForeignSchema.schema(withIds, names).columns()) {
                    FileColumn column = columns.find(field).orElseThrow();
                    int c = names.indexOf(field.name());
                    if (rows > 0 && column instanceof FileColumn.Leaf leaf) {
                        RowSelection wanted = new RowSelection(some, 0, some.length, 0);
                        try (ColumnCursor cursor = file.cursor(g, leaf, buffers, wanted)) {
                            cursor.read(wanted);
                            Column values = cursor.take();
                            for (int i = 0; i < some.length; i++) {
                                assertThat(GroupValues.text(ColumnValues.value(field.type(), values, i)))
                                        .as("%s row group %d row %d of %s", what, g, some[i], field)
                                        .isEqualTo(expected.get(first + (int) some[i])
                                                .get(c));
                            }
                        }
                        file.pageIndex(g, leaf);
                        file.bloomFilter(g, leaf);
                        file.dictionary(g, leaf, buffers);
                    }
                }
                first += rows;
            }
        }
        assertThat(ignored).as(what).isEmpty();
    }
}
